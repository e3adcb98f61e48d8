import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// Sessions are listed.
    static let devices: [SessionStoreContract] = [
        Self("a user's sessions come in the order in which they were opened, page by page") { trial in
            let user = try await trial.begin()
            _ = try await trial.device(of: trial.user("Bob"))
            var opened: [SessionID] = []
            for _ in 0..<5 {
                trial.clock.advance(by: .milliseconds(1))
                opened.append(try await trial.device(of: user).session)
            }

            var pages: [[SessionID]] = []
            var cursor: SessionID?
            repeat {
                let page = try await trial.store.sessions(of: user.id, after: cursor, limit: 2, defaults: trial.defaults)
                pages.append(page.map(\.session.id))
                cursor = page.last?.session.id
            } while cursor != nil

            #expect(pages.map(\.count) == [2, 2, 1, 0])
            #expect(pages.flatMap(\.self) == opened)
        },
        Self("everyone's sessions come in the same order") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            var opened: [SessionID] = []
            for user in [ada, bob, ada, bob] {
                trial.clock.advance(by: .milliseconds(1))
                opened.append(try await trial.device(of: user).session)
            }

            let first = try await trial.store.sessions(of: nil, after: nil, limit: 3, defaults: trial.defaults)
            let rest = try await trial.store.sessions(of: nil, after: first.last?.session.id, limit: 3, defaults: trial.defaults)

            #expect((first + rest).map(\.session.id) == opened)
            #expect((first + rest).map(\.username) == ["Ada", "Bob", "Ada", "Bob"])
        },
        Self("only live sessions are listed, and a page is full although ended ones lie between") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let brief = try ClientID.fixture("brief-app")
            try await trial.store.addClient(
                .fixture(brief, policy: ClientPolicy(accessLifetime: .seconds(10), idleLifetime: .limited(.seconds(10)))))
            var live: [SessionID] = []
            for number in 0..<12 {
                trial.clock.advance(by: .milliseconds(1))
                let device = try await trial.device(of: user, client: [.signet, app, brief, .signetCLI][number % 4])
                if number % 4 == 3 { _ = try await trial.revoke(device) }
                if number % 4 == 0 { live.append(device.session) }
            }
            try await trial.store.removeClient(app, by: .admin)
            trial.clock.advance(by: .seconds(10))

            let page = try await trial.store.sessions(of: user.id, after: nil, limit: 2, defaults: trial.defaults)
            let next = try await trial.store.sessions(of: user.id, after: live[1], limit: 2, defaults: trial.defaults)

            #expect(page.map(\.session.id) == Array(live.prefix(2)))
            #expect(next.map(\.session.id) == [live[2]])
        },
        Self("a session that has ended can still be looked at; one of another user cannot") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let device = try await trial.device(of: ada)
            _ = try await trial.revoke(device)

            #expect(try await trial.standing(of: device)?.ending == .signedOut)
            #expect(try await trial.store.standing(of: device.session, user: bob.id, defaults: trial.defaults) == nil)
        },
        Self("a renamed device has its new name, and the log says so; nothing else about its session changes") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user, named: "Laptop")
            let other = try await trial.device(of: user, named: "Phone")
            let before = try await trial.standing(of: device)?.session.row

            let renamed = try await trial.rename(device, to: "Ada's laptop")

            #expect(renamed?.session.deviceName == DeviceName("Ada's laptop"))
            #expect(try await trial.standing(of: device)?.session.deviceName == DeviceName("Ada's laptop"))
            #expect(try await trial.standing(of: device)?.session.row == before)
            #expect(try await trial.standing(of: other)?.session.deviceName == DeviceName("Phone"))
            let entry = try await trial.store.auditEntries(limit: 1).first?.entry
            let expected = AuditEntry(
                .sessionRenamed, by: .user, userID: user.id, sessionID: device.session, clientID: .signet,
                detail: "Ada's laptop", origin: .fixture)
            #expect(entry == expected)
        },
        Self("a session that has ended, is not there, or is another user's cannot be renamed") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let ended = try await trial.device(of: ada, named: "Laptop")
            _ = try await trial.revoke(ended)
            let expired = try await trial.device(of: ada, named: "Tablet")
            trial.clock.advance(by: .seconds(30 * 86_400))
            let bobs = try await trial.device(of: bob, named: "Phone")
            let before = try await trial.events()

            #expect(try await trial.rename(ended, to: "Mine") == nil)
            #expect(try await trial.rename(expired, to: "Mine") == nil)
            #expect(try await trial.rename(trial.unopened(for: ada), to: "Mine") == nil)
            #expect(try await trial.rename(bobs, as: ada, to: "Mine") == nil)

            #expect(try await trial.standing(of: ended)?.session.deviceName == DeviceName("Laptop"))
            #expect(try await trial.standing(of: bobs)?.session.deviceName == DeviceName("Phone"))
            #expect(try await trial.events() == before)
        },
        Self("a list of at most none is empty") { trial in
            let user = try await trial.begin()
            _ = try await trial.device(of: user)

            #expect(try await trial.store.sessions(of: user.id, after: nil, limit: 0, defaults: trial.defaults).isEmpty)
        },
    ]
}

extension StoreTrial {
    fileprivate func rename(_ device: Device, as user: User? = nil, to name: String) async throws -> SessionStanding? {
        guard let name = DeviceName(name) else { throw BadFixture() }
        return try await store.renameSession(
            SessionRenaming(
                sessionID: device.session, userID: user?.id ?? device.user, name: name, defaults: defaults, origin: .fixture))
    }
}
