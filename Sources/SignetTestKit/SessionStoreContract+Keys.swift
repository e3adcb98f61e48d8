import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// What the server is founded with.
    static let keys: [SessionStoreContract] = [
        Self("a new database knows no server") { trial in
            let foundation = try await trial.store.foundation()

            #expect(foundation == nil)
        },
        Self("the keys come back as they were sealed") { trial in
            let founded = ServerFoundation.fixture()

            try await trial.store.found(founded, clients: [], roles: [])

            let found = try #require(try await trial.store.foundation())
            #expect(found.issuer == founded.issuer)
            #expect(found.saltBytes == founded.saltBytes)
            #expect(found.signingKeys.map(\.keyID) == ["active-1", "standby-1"])
            #expect(found.signingKeys.map(\.algorithm) == [.es256, .es256])
            #expect(found.signingKeys.map(\.publicKey) == [Array("{}".utf8), []])
            #expect(found.signingKeys.map(\.sealed) == [[1, 0, 255], [1, 1]])
            #expect(found.signingKeys.map(\.masterKeyID) == ["m1", "m1"])
            #expect(found.signingKeys.map(\.activatesAt) == founded.signingKeys.map(\.activatesAt))
            #expect(found.signingKeys.map(\.revokedAt) == [nil, nil])
            #expect(found.signingKeys.map(\.createdAt) == founded.signingKeys.map(\.createdAt))
            #expect(found.refreshKeys.map(\.version) == [1, 255])
            #expect(found.refreshKeys.map(\.sealed) == [[1, 2], [1, 3]])
            #expect(found.refreshKeys.map(\.masterKeyID) == ["m1", "m1"])
            #expect(found.refreshKeys.map(\.activatesAt) == founded.refreshKeys.map(\.activatesAt))
            #expect(found.refreshKeys.map(\.revokedAt) == [nil, nil])
            #expect(found.refreshKeys.map(\.createdAt) == founded.refreshKeys.map(\.createdAt))
            #expect(try await trial.events() == [.keysCreated])
        },
        Self("to found a server twice keeps the first one whole") { trial in
            try await trial.store.found(.fixture(1), clients: Client.builtIn(createdAt: trial.clock.now), roles: [.admin])

            try await trial.store.found(
                .fixture(2), clients: [.fixture(.fixture("late-app"))], roles: [Role(name: "late", scope: "x")])

            let found = try #require(try await trial.store.foundation())
            #expect(found.saltBytes == ServerFoundation.fixture(1).saltBytes)
            #expect(found.signingKeys.map(\.keyID) == ["active-1", "standby-1"])
            #expect(found.refreshKeys.count == 2)
            #expect(try await trial.store.clients().count == 3)
            #expect(try await trial.events() == [.keysCreated])
        },
        Self("of 16 who found a server at once, one does, and all see the same") { trial in
            _ = try await trial.race(16) { number in
                try await trial.store.found(.fixture(UInt8(number)), clients: [], roles: [])
            }

            let found = try #require(try await trial.store.foundation())
            #expect(found.signingKeys.count == 2)
            #expect(Set(found.signingKeys.map(\.masterKeyID) + found.refreshKeys.map(\.masterKeyID)).count == 1)
        },
        Self("the server takes another name, and keeps its keys") { trial in
            try await trial.store.found(.fixture(), clients: [], roles: [])

            try await trial.store.setIssuer("https://login.example.com")

            let found = try #require(try await trial.store.foundation())
            #expect(found.issuer == "https://login.example.com")
            #expect(found.signingKeys.count == 2)
            let entry = try await trial.store.auditEntries(limit: 1).first?.entry
            #expect(entry?.event == .issuerChanged)
            #expect(entry?.detail == "https://login.example.com")
        },
    ]
}

extension ServerFoundation {
    fileprivate var saltBytes: [UInt8] { salt.reveal { Array($0) } }
}
