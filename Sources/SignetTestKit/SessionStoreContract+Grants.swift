import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// What a new session is good for.
    static let grants: [SessionStoreContract] = [
        Self("without a scope the client's default is granted") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))

            let device = try await trial.device(of: user, client: app)

            #expect(try await trial.standing(of: device)?.session.row.scope == "notes")
        },
        Self("a scope that the client is registered for is granted as asked, a wider one refused") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))

            let standing = try await trial.store.openSession(
                trial.opening(of: trial.unopened(for: user), client: app, scope: "account notes"))
            #expect(standing.session.row.scope == "account notes")

            let wider = trial.opening(of: trial.unopened(for: user), client: app, scope: "notes admin")
            await #expect(throws: SignInRefusal.scope) { try await trial.store.openSession(wider) }
        },
        Self("a scope that a role names is granted to those who have the role, and left out for others") { trial in
            let ada = try await trial.begin(roles: ["admin"])
            let bob = try await trial.user("Bob")

            let adas = try await trial.store.openSession(trial.opening(of: trial.unopened(for: ada), scope: "account admin"))
            let bobs = try await trial.store.openSession(trial.opening(of: trial.unopened(for: bob), scope: "account admin"))

            #expect(adas.session.row.scope == "account admin")
            #expect(adas.roleScope == RoleScope(needingRole: "admin", allowed: "admin"))
            #expect(bobs.session.row.scope == "account")
            #expect(bobs.roleScope == RoleScope(needingRole: "admin", allowed: .none))
        },
        Self(
            "without a resource a first-party session is good for the client's APIs, its first one before all, and for Signet's own"
        ) {
            trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, resources: ["https://notes.example.com", "https://files.example.com"]))

            let device = try await trial.device(of: user, client: app)

            let resources = ["https://notes.example.com", "https://files.example.com", StoreTrial.issuer]
            #expect(try await trial.standing(of: device)?.session.row.resources == resources)
        },
        Self("a resource that the client is registered for is granted with Signet's own API beside it, another one refused") {
            trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, resources: ["https://notes.example.com", "https://files.example.com"]))

            let files = try await trial.store.openSession(
                trial.opening(of: trial.unopened(for: user), client: app, resource: "https://files.example.com"))
            let own = try await trial.store.openSession(
                trial.opening(of: trial.unopened(for: user), client: app, resource: StoreTrial.issuer))
            #expect(files.session.row.resources == ["https://files.example.com", StoreTrial.issuer])
            #expect(own.session.row.resources == [StoreTrial.issuer])

            let foreign = trial.opening(of: trial.unopened(for: user), client: app, resource: "https://bank.example.com")
            await #expect(throws: SignInRefusal.resource) { try await trial.store.openSession(foreign) }
        },
        Self("a client that does not exist, or was removed, opens no session") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            let opening = trial.opening(of: trial.unopened(for: user), client: app)
            await #expect(throws: SignInRefusal.unknownClient) { try await trial.store.openSession(opening) }

            try await trial.store.addClient(.fixture(app))
            try await trial.store.removeClient(app, by: .admin)
            await #expect(throws: SignInRefusal.unknownClient) { try await trial.store.openSession(opening) }
        },
        Self("a client with a secret opens a session only when it has proved who it is") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            let client = Client(
                id: app, name: "Notes", isFirstParty: true, isConfidential: true, grants: [.passwordSignIn, .refreshToken],
                scope: "account", defaultScope: "account", createdAt: trial.clock.now)
            try await trial.store.addClient(client, secret: ClientSecret.random(systemRandomBytes).hash)
            let device = trial.unopened(for: user)

            let unproved = trial.opening(of: device, client: app, isClientAuthenticated: false)
            await #expect(throws: SignInRefusal.clientAuthentication) { try await trial.store.openSession(unproved) }
            #expect(try await trial.standing(of: device) == nil)

            _ = try await trial.store.openSession(trial.opening(of: device, client: app))
            _ = try await trial.store.openSession(
                trial.opening(of: trial.unopened(for: user), isClientAuthenticated: false))
        },
        Self("only a first-party client that is registered for it signs people in by password") { trial in
            let user = try await trial.begin()
            let foreign = try ClientID.fixture("foreign-app")
            let silent = try ClientID.fixture("silent-app")
            try await trial.store.addClient(.fixture(foreign, isFirstParty: false))
            try await trial.store.addClient(.fixture(silent, grants: [.refreshToken]))

            for client in [foreign, silent] {
                let opening = trial.opening(of: trial.unopened(for: user), client: client)
                await #expect(throws: SignInRefusal.clientMayNot) { try await trial.store.openSession(opening) }
            }
        },
    ]
}
