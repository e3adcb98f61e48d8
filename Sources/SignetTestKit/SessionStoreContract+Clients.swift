import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// Apps.
    static let clients: [SessionStoreContract] = [
        Self("a client is found as it was registered, whatever it leaves open") { trial in
            try await trial.begin()
            let policies = [
                ClientPolicy(),
                ClientPolicy(
                    rotates: false, window: .zero, accessLifetime: .milliseconds(1500), idleLifetime: .never,
                    absoluteLifetime: .limited(.seconds(5)), sessionLimit: SessionLimit("3")),
                ClientPolicy(sessionLimit: SessionLimit("1000:refuse")),
            ]

            for (number, policy) in policies.enumerated() {
                let id = try ClientID.fixture("app-\(number)")
                let client = Client.fixture(id, isFirstParty: number == 0, resources: ["urn:a", "urn:\"b\""], policy: policy)
                try await trial.store.addClient(client)

                let found = try #require(try await trial.store.client(id))
                #expect(found.id == id)
                #expect(found.name == client.name)
                #expect(found.isFirstParty == client.isFirstParty)
                #expect(found.grants == client.grants)
                #expect(found.scope == client.scope)
                #expect(found.defaultScope == client.defaultScope)
                #expect(found.resources == client.resources)
                #expect(found.redirectURIs == client.redirectURIs)
                #expect(found.policy == policy)
                #expect(found.createdAt == client.createdAt)
            }
            #expect(try await trial.events().suffix(3) == [.clientAdded, .clientAdded, .clientAdded])
        },
        Self("clients come in the order of their ids, the built-in ones among them") { trial in
            try await trial.begin()
            try await trial.store.addClient(.fixture(.fixture("zebra")))
            try await trial.store.addClient(.fixture(.fixture("ant")))

            let ids = try await trial.store.clients().map(\.id.description)

            #expect(ids == ["ant", "signet", "signet-browser", "signet-cli", "zebra"])
        },
        Self("an id is given once, and not again after its client was removed") { trial in
            try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            await #expect(throws: ClientRefusal.idTaken) { try await trial.store.addClient(.fixture(app)) }

            try await trial.store.removeClient(app, by: .admin)

            await #expect(throws: ClientRefusal.idTaken) { try await trial.store.addClient(.fixture(app)) }
            #expect(try await trial.store.client(app) == nil)
            #expect(try await !trial.store.clients().map(\.id).contains(app))
        },
        Self("a client's sessions end with it, and no other client's") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let device = try await trial.device(of: user, client: app)
            let other = try await trial.device(of: user)

            try await trial.store.removeClient(app, by: .admin)

            #expect(try await trial.standing(of: device)?.ending == .clientRemoved)
            #expect(try await trial.standing(of: other)?.ending == nil)
            #expect(try await trial.events().contains(.clientRemoved))
        },
        Self("a client that does not exist, or is gone, cannot be removed, and a built-in one neither") { trial in
            try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            await #expect(throws: ClientRefusal.unknownClient) { try await trial.store.removeClient(app, by: .admin) }
            try await trial.store.addClient(.fixture(app))
            try await trial.store.removeClient(app, by: .admin)
            await #expect(throws: ClientRefusal.unknownClient) { try await trial.store.removeClient(app, by: .admin) }

            for builtIn in [ClientID.signet, .signetCLI, .signetBrowser] {
                await #expect(throws: ClientRefusal.builtIn) { try await trial.store.removeClient(builtIn, by: .admin) }
            }
        },
    ]
}
