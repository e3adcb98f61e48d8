import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// How many sessions a user may have with a client.
    static let sessionLimit: [SessionStoreContract] = [
        Self("one session more than the limit ends the least recently used one, in the step in which it opens") { trial in
            let user = try await trial.begin()
            let app = try await trial.app(limit: "2")
            let first = try await trial.device(of: user, client: app)
            trial.clock.advance(by: .milliseconds(1))
            let second = try await trial.device(of: user, client: app)
            trial.clock.advance(by: .milliseconds(1))
            try await trial.rotate(first.token(0), client: app)
            let before = try await trial.store.endOfRevocations()

            let third = try await trial.device(of: user, client: app)

            #expect(try await trial.living(of: user) == [first.session, third.session])
            #expect(try await trial.standing(of: second)?.ending == .evicted)
            #expect(try await trial.rotate(second.token(0), client: app).decision == .refuse(.evicted))
            let revocations = try await trial.store.revocations(after: before, limit: 10).entries.map(\.revocation)
            #expect(revocations.map(\.subject) == [.session(second.session)])
            #expect(revocations.first?.reason == "evicted")
            #expect(revocations.first?.initiator == .policy)
            let entries = try await trial.store.auditEntries(limit: 2).reversed().map(\.entry)
            #expect(entries.map(\.event) == [.sessionRevoked, .sessionOpened])
            #expect(entries.first?.sessionID == second.session)
            #expect(entries.first?.reason == "evicted")
            #expect(entries.first?.actor == .system)
        },
        Self("of sessions that were used at the same moment the oldest ends first") { trial in
            let user = try await trial.begin()
            let app = try await trial.app(limit: "2")
            var devices: [Device] = []
            for _ in 0..<3 {
                trial.clock.advance(by: .milliseconds(1))
                devices.append(try await trial.device(of: user, client: app))
            }
            trial.clock.advance(by: .seconds(100))
            for device in devices.dropFirst() { try await trial.rotate(device.token(0), client: app) }

            let last = try await trial.device(of: user, client: app)

            #expect(try await trial.living(of: user) == [devices[2].session, last.session])
        },
        Self("at a limit that refuses no session opens, and none ends") { trial in
            let user = try await trial.begin()
            let app = try await trial.app(limit: "2:refuse")
            let devices = [try await trial.device(of: user, client: app), try await trial.device(of: user, client: app)]
            let before = try await trial.events()

            await #expect(throws: SignInRefusal.tooManySessions(2)) { try await trial.device(of: user, client: app) }

            #expect(try await trial.living(of: user) == Set(devices.map(\.session)))
            #expect(try await trial.events() == before)
            _ = try await trial.revoke(devices[0])
            _ = try await trial.device(of: user, client: app)
        },
        Self("a device that signs in again keeps its place, at either limit") { trial in
            let user = try await trial.begin()
            for limit in ["2", "2:refuse"] {
                let app = try await trial.app(limit: limit)
                let old = try await trial.device(of: user, client: app)
                trial.clock.advance(by: .milliseconds(1))
                let other = try await trial.device(of: user, client: app)

                let new = try await trial.device(of: user, client: app, replaces: old.session)

                #expect(try await trial.standing(of: old)?.ending == .replaced)
                #expect(try await trial.standing(of: other)?.ending == nil)
                #expect(try await trial.standing(of: new)?.ending == nil)
            }
        },
        Self("sessions that have ended or expired, another user's and another client's do not count") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let app = try await trial.app(limit: "1:refuse", idleLifetime: .seconds(600))
            _ = try await trial.device(of: ada)
            _ = try await trial.device(of: bob, client: app)
            let ended = try await trial.device(of: ada, client: app)
            _ = try await trial.revoke(ended)
            let expired = try await trial.device(of: ada, client: app)
            trial.clock.advance(by: .seconds(600) - .milliseconds(1))
            await #expect(throws: SignInRefusal.tooManySessions(1)) { try await trial.device(of: ada, client: app) }
            trial.clock.advance(by: .milliseconds(1))

            _ = try await trial.device(of: ada, client: app)

            #expect(try await trial.standing(of: expired)?.ending == .idleExpired)
        },
        Self("of 16 sign-ins at once as many live as the limit allows") { trial in
            let user = try await trial.begin()
            for limit in ["3", "3:refuse"] {
                let app = try await trial.app(limit: limit)

                let opened = try await trial.race(16) { _ in try? await trial.device(of: user, client: app) }

                let endings = try await trial.race(16) { number -> SessionEnd? in
                    guard let device = opened[number] else { return .unknown }
                    return try await trial.standing(of: device)?.ending
                }
                #expect(endings.count { $0 == nil } == 3)
                #expect(endings.count { $0 == (limit == "3" ? .evicted : .unknown) } == 13)
            }
        },
    ]
}

extension StoreTrial {
    /// An app with a limit, as operators write it.
    func app(limit: String, idleLifetime: Duration? = nil) async throws -> ClientID {
        let id = try ClientID.fixture("app-\(limit)")
        let policy = ClientPolicy(idleLifetime: idleLifetime.map(Lifetime.limited), sessionLimit: SessionLimit(limit))
        try await store.addClient(.fixture(id, policy: policy))
        return id
    }

    /// The user's live sessions.
    func living(of user: User) async throws -> Set<SessionID> {
        Set(try await store.sessions(of: user.id, after: nil, limit: 100, defaults: defaults).map(\.session.id))
    }
}
