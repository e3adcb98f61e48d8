import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// Apps that are changed, and their secrets.
    static let clientUpdates: [SessionStoreContract] = [
        Self("a client is changed as said, and the log says what has changed and by whom") { trial in
            try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, policy: ClientPolicy(window: .zero)))
            let policy = ClientPolicy(
                window: .seconds(5), accessLifetime: .seconds(90), idleLifetime: .never, absoluteLifetime: .never,
                sessionLimit: SessionLimit("3:refuse"))

            let updated = try await trial.store.updateClient(app, by: .admin) { client in
                var client = client
                (client.name, client.scope, client.defaultScope) = ("Other notes", "account", "account")
                (client.resources, client.redirectURIs, client.policy) = (["urn:a", "urn:b"], [], policy)
                return client
            }

            for client in [updated, try #require(try await trial.store.client(app))] {
                #expect(client.name == "Other notes")
                #expect(client.scope == "account")
                #expect(client.defaultScope == "account")
                #expect(client.resources == ["urn:a", "urn:b"])
                #expect(client.redirectURIs.isEmpty)
                #expect(client.policy == policy)
                #expect(client.createdAt == UnixTime(seconds: 1_600_000_000))
            }
            let entry = try await trial.store.auditEntries(limit: 1).first?.entry
            let changes =
                "name scope resources redirect_uris window access_lifetime idle_lifetime absolute_lifetime sessions_per_user"
            #expect(entry == AuditEntry(.clientUpdated, by: .admin, clientID: app, detail: changes))
        },
        Self("an update that changes nothing, or fails, leaves the client and the log as they were") { trial in
            try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let before = try await trial.events()

            _ = try await trial.store.updateClient(app, by: .admin) { $0 }
            await #expect(throws: BadFixture.self) {
                try await trial.store.updateClient(app, by: .admin) { _ in throw BadFixture() }
            }
            await #expect(throws: ClientRefusal.unknownClient) {
                try await trial.store.updateClient(.fixture("other-app"), by: .admin) { $0 }
            }

            #expect(try await trial.store.client(app)?.policy == ClientPolicy())
            #expect(try await trial.events() == before)
        },
        Self("a built-in client's policy can be changed, and nothing else of it") { trial in
            try await trial.begin()

            _ = try await trial.update(.signet) { $0.policy.window = .zero }
            await #expect(throws: ClientRefusal.builtInIdentity) { try await trial.update(.signet) { $0.scope = "notes" } }

            #expect(try await trial.store.client(.signet)?.policy.window == .zero)
            #expect(try await trial.store.client(.signet)?.scope == "account admin")
        },
        Self("another policy holds for open sessions from their next renewal on") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let (strict, idle) = (try await trial.device(of: user, client: app), try await trial.device(of: user, client: app))
            try await trial.rotate(strict.token(0), client: app)

            _ = try await trial.update(app) { client in
                client.policy.window = .zero
                client.policy.idleLifetime = .limited(.seconds(600))
            }

            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.rotate(strict.token(0), client: app).decision == .revoke)
            trial.clock.advance(by: .seconds(600))
            #expect(try await trial.rotate(idle.token(0), client: app).decision == .refuse(.idleExpired))
        },
        Self("an API that a client has lost is good for no renewal; one that it has gained is from the next sign-in on") {
            trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, resources: ["urn:a", "urn:b"]))
            let device = try await trial.device(of: user, client: app)

            _ = try await trial.update(app) { $0.resources = ["urn:b", "urn:c"] }

            for resource in ["urn:a", "urn:c"] {
                let outcome = try await trial.rotate(device.token(0), client: app, resources: [resource])
                #expect(outcome.decision == .mismatch(.resource))
            }
            let renewed = try await trial.rotate(device.token(0), client: app, resources: ["urn:b"])
            #expect(renewed.decision == .rotate(to: 1))
            #expect(renewed.standing?.session.row.resources == ["urn:b", StoreTrial.issuer])
            let new = try await trial.device(of: user, client: app)
            #expect(try await trial.standing(of: new)?.session.row.resources == ["urn:b", "urn:c", StoreTrial.issuer])
        },
        Self("a limit that was lowered ends as many sessions as it must, or lets none open, when the next one would") { trial in
            let user = try await trial.begin()
            let app = try await trial.app(limit: "4")
            var devices: [Device] = []
            for _ in 0..<4 {
                trial.clock.advance(by: .milliseconds(1))
                devices.append(try await trial.device(of: user, client: app))
            }

            _ = try await trial.update(app) { $0.policy.sessionLimit = SessionLimit("2:refuse") }
            #expect(try await trial.living(of: user) == Set(devices.map(\.session)))
            await #expect(throws: SignInRefusal.tooManySessions(2)) {
                try await trial.device(of: user, client: app, replaces: devices[0].session)
            }
            #expect(try await trial.standing(of: devices[0])?.ending == nil)

            _ = try await trial.update(app) { $0.policy.sessionLimit = SessionLimit("2") }
            let new = try await trial.device(of: user, client: app, replaces: devices[3].session)
            #expect(try await trial.living(of: user) == [devices[2].session, new.session])
        },
        Self("a client's secrets are found while it is registered") { trial in
            try await trial.begin()
            let (app, secret) = try await trial.confidential()

            #expect(try await trial.store.secretHashes(of: app) == [secret.hash])
            #expect(try await trial.store.secretMoments(of: app) == [trial.clock.now])
            #expect(try await trial.store.client(app)?.isConfidential == true)
            #expect(try await trial.store.client(app)?.isResourceServer == true)
            #expect(try await trial.store.client(.signet)?.isConfidential == false)
            #expect(try await trial.store.secretHashes(of: .signet).isEmpty)
            #expect(try await trial.store.secretMoments(of: .signet).isEmpty)

            try await trial.store.removeClient(app, by: .admin)
            #expect(try await trial.store.secretHashes(of: app).isEmpty)
            #expect(try await trial.store.secretMoments(of: app).isEmpty)
        },
        Self("a secret is replaced in two steps: both are good in between, and never three") { trial in
            try await trial.begin()
            let (app, first) = try await trial.confidential()
            let (second, third) = (ClientSecret.random(systemRandomBytes).hash, ClientSecret.random(systemRandomBytes).hash)
            await #expect(throws: ClientRefusal.oneSecret) { try await trial.store.dropOlderSecret(of: app, by: .admin) }

            try await trial.store.addSecret(second, to: app, by: .admin)

            #expect(Set(try await trial.store.secretHashes(of: app)) == [first.hash, second])
            await #expect(throws: ClientRefusal.twoSecrets) { try await trial.store.addSecret(third, to: app, by: .admin) }

            try await trial.store.dropOlderSecret(of: app, by: .admin)

            #expect(try await trial.store.secretHashes(of: app) == [second])
            #expect(try await trial.events().suffix(2) == [.clientSecretAdded, .clientSecretDropped])
        },
        Self("the older secret is the one that was there first, also when the clock was set back meanwhile") { trial in
            try await trial.begin()
            let (app, _) = try await trial.confidential()
            let second = ClientSecret.random(systemRandomBytes).hash
            trial.clock.advance(by: .seconds(-3600))

            try await trial.store.addSecret(second, to: app, by: .admin)
            try await trial.store.dropOlderSecret(of: app, by: .admin)

            #expect(try await trial.store.secretHashes(of: app) == [second])
        },
        Self("a public client, and one that is not there, gets no secret") { trial in
            try await trial.begin()
            let hash = ClientSecret.random(systemRandomBytes).hash
            let nobody = try ClientID.fixture("nobody")
            let before = try await trial.events()

            for (client, refusal) in [(ClientID.signet, ClientRefusal.publicClient), (nobody, .unknownClient)] {
                await #expect(throws: refusal) { try await trial.store.addSecret(hash, to: client, by: .admin) }
                await #expect(throws: refusal) { try await trial.store.dropOlderSecret(of: client, by: .admin) }
            }

            #expect(try await trial.store.secretHashes(of: .signet).isEmpty)
            #expect(try await trial.events() == before)
        },
    ]
}

extension StoreTrial {
    fileprivate func update(_ id: ClientID, _ change: @escaping @Sendable (inout Client) -> Void) async throws -> Client {
        try await store.updateClient(id, by: .admin) { client in
            var client = client
            change(&client)
            return client
        }
    }

    /// An API with a secret.
    fileprivate func confidential() async throws -> (ClientID, ClientSecret) {
        let id = try ClientID.fixture("notes-api")
        let secret = ClientSecret.random(systemRandomBytes)
        let client = Client(
            id: id, name: "Notes", isFirstParty: false, isConfidential: true, isResourceServer: true,
            grants: [.clientCredentials], scope: "notes", defaultScope: "notes", createdAt: clock.now)
        try await store.addClient(client, secret: secret.hash)
        return (id, secret)
    }
}
