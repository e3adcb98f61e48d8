import SignetClient
import SignetTokens
import Testing

extension TokenStoreContract {
    /// What is stored, and what is not.
    static let keeping: [TokenStoreContract] = [
        Self("nothing stored is `nil` and no error, and can be cleared") { trial in
            let store = try await trial.open()

            #expect(try await store.contents() == nil)
            try await store.clear()
            #expect(try await store.contents() == nil)
        },
        Self("what was written is read back whole, with the idempotency key of the renewal under way") { trial in
            let store = try await trial.open()
            let session = StoredSession.sample(1, idempotencyKey: .sample(2))

            try await store.write(session)

            #expect(try await store.contents() == session.contents)
        },
        Self("what a session does not have is not there when it is read: no device name, no key of either kind") { trial in
            let store = try await trial.open()
            let full = StoredSession.sample(2, idempotencyKey: .sample(2))
            let bare = StoredSession(
                server: full.server, clientID: full.clientID, userID: full.userID, sessionID: full.sessionID, deviceName: nil,
                accessToken: full.accessToken, scope: full.scope, receivedAt: full.receivedAt, lifetime: full.lifetime,
                clockOffset: .zero, refreshToken: full.refreshToken)
            try await store.write(full)

            try await store.write(bare)

            let read = try #require(try await store.read())
            #expect(read.contents == bare.contents)
            #expect(read.idempotencyKey == nil && read.deviceName == nil && read.proofKey == nil)
        },
        Self("a long access token, with any character in it, is read back as it was") { trial in
            let store = try await trial.open()
            var session = StoredSession.sample(3)
            session.accessToken = Secret(String(repeating: "e\u{301}🗝\u{0}\r\n\\\"", count: 1000))

            try await store.write(session)

            #expect(try await store.contents() == session.contents)
        },
        Self("a session too big for the store is refused when it is written, and the one before it stays") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))
            var big = StoredSession.sample(2)
            big.accessToken = Secret(String(repeating: "x", count: 1_000_000))
            var kept = big

            do { try await store.write(big) } catch is TokenStoreError { kept = .sample(1) }

            #expect(try await store.contents() == kept.contents)
            #expect(try await trial.open().contents() == kept.contents)
        },
        Self("a shorter session leaves nothing of the longer one before it") { trial in
            let store = try await trial.open()
            try await store.write(.sample(20, idempotencyKey: .sample(1)))

            try await store.write(.sample(1))

            #expect(try await store.contents() == StoredSession.sample(1).contents)
        },
        Self("what was cleared is gone, and can be written anew") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))

            try await store.clear()

            #expect(try await store.contents() == nil)
            try await store.write(.sample(2))
            #expect(try await store.contents() == StoredSession.sample(2).contents)
        },
        Self("no description of store, session or lock shows a secret") { trial in
            let store = try await trial.open()
            let session = StoredSession.sample(1, idempotencyKey: .sample(2))
            try await store.write(session)
            let lock = try #require(try await store.lock())

            for value in [store, session, lock] as [Any] {
                var shown = String(describing: value) + String(reflecting: value)
                dump(value, to: &shown)
                for secret in [session.accessToken, session.refreshToken, IdempotencyKey.sample(2).text] {
                    let isShown = secret.reveal { shown.contains($0) }
                    #expect(!isShown, "\(type(of: value))")
                }
            }
        },
    ]
}
