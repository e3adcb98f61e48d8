import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    private static let day: Duration = .seconds(86_400)
    private static let week: Duration = .seconds(7 * 86_400)
    private static let aMoment: Duration = .milliseconds(1)

    /// What is dead for long is removed, and nothing else.
    static let expire: [SessionStoreContract] = [
        Self("a session tells when it ended, whatever ended it, and a live one does not") { trial in
            var trial = trial
            trial.defaults = PolicyDefaults(idleLifetime: .limited(day), absoluteLifetime: .limited(day * 2))
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let start = trial.clock.now
            let (ended, reused) = (try await trial.device(of: user), try await trial.device(of: user))
            let (removed, idle) = (try await trial.device(of: user, client: app), try await trial.device(of: user))
            #expect(try await trial.standing(of: idle)?.endedAt == nil)

            trial.clock.advance(by: .seconds(5))
            _ = try await trial.revoke(ended)
            for number in [0, 1] { try await trial.rotate(reused.token(number), keyed: .fresh) }
            let outcome = try await trial.rotate(reused.token(0), keyed: .fresh)
            try await trial.store.removeClient(app, by: .admin)
            trial.clock.advance(by: day)

            for device in [ended, reused, removed] {
                #expect(try await trial.standing(of: device)?.endedAt == start.advanced(by: .seconds(5)))
            }
            #expect(outcome.standing?.endedAt == start.advanced(by: .seconds(5)))
            #expect(try await trial.standing(of: idle)?.endedAt == start.advanced(by: day))
        },
        Self("a session that was ended is kept for the retention, and not a moment longer") { trial in
            let device = try await trial.device(of: trial.begin())
            trial.clock.advance(by: .seconds(5))
            _ = try await trial.revoke(device)

            trial.clock.advance(by: week - aMoment)
            #expect(try await trial.forget() == 0)
            #expect(try await trial.rotate(device.token(0)).decision == .refuse(.signedOut))

            trial.clock.advance(by: aMoment)
            #expect(try await trial.forget() == 1)
            #expect(try await trial.standing(of: device) == nil)
            #expect(try await trial.store.user(of: device.session) == nil)
            #expect(try await trial.rotate(device.token(0)).decision == .refuse(.unknown))
        },
        Self("a session that was not renewed is kept until its idle lifetime and the retention are over") { trial in
            let device = try await trial.device(of: trial.begin())
            trial.clock.advance(by: day)
            try await trial.rotate(device.token(0))

            trial.clock.advance(by: day * 30 + week - aMoment)
            #expect(try await trial.forget() == 0)
            #expect(try await trial.standing(of: device)?.ending == .idleExpired)

            trial.clock.advance(by: aMoment)
            #expect(try await trial.forget() == 1)
        },
        Self("a session that was renewed to its end is kept until its absolute lifetime and the retention are over") { trial in
            var trial = trial
            trial.defaults.absoluteLifetime = .limited(day * 40)
            let device = try await trial.device(of: trial.begin())
            trial.clock.advance(by: day * 20)
            try await trial.rotate(device.token(0))
            trial.clock.advance(by: day * 20 - aMoment)
            try await trial.rotate(device.token(1), keyed: .fresh)

            trial.clock.advance(by: week)
            #expect(try await trial.forget() == 0)
            trial.clock.advance(by: aMoment)
            #expect(try await trial.forget() == 1)
        },
        Self("a session is kept for the retention after its client was removed") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let device = try await trial.device(of: user, client: app)
            trial.clock.advance(by: day)
            try await trial.store.removeClient(app, by: .admin)

            trial.clock.advance(by: week - aMoment)
            #expect(try await trial.forget() == 0)
            #expect(try await trial.standing(of: device)?.ending == .clientRemoved)
            trial.clock.advance(by: aMoment)
            #expect(try await trial.forget() == 1)
        },
        Self("a session is removed by its own client's policy, and one without lifetimes never") { trial in
            let user = try await trial.begin()
            let (brief, endless) = (try ClientID.fixture("brief-app"), try ClientID.fixture("endless-app"))
            let quick = ClientPolicy(idleLifetime: .limited(.seconds(600)))
            try await trial.store.addClient(.fixture(brief, policy: quick))
            try await trial.store.addClient(
                .fixture(endless, policy: ClientPolicy(idleLifetime: .never, absoluteLifetime: .never)))
            let gone = try await trial.device(of: user, client: brief)
            let (usual, kept) = (try await trial.device(of: user), try await trial.device(of: user, client: endless))

            trial.clock.advance(by: .seconds(600) + week)
            #expect(try await trial.forget() == 1)
            #expect(try await trial.standing(of: gone) == nil)
            #expect(try await trial.standing(of: usual)?.ending == nil)

            trial.clock.advance(by: day * 36_500)
            #expect(try await trial.forget() == 1)
            #expect(try await trial.standing(of: kept)?.ending == nil)
        },
        Self("a lifetime that was shortened removes nobody who renewed within the retention") { trial in
            var trial = trial
            let device = try await trial.device(of: trial.begin())
            trial.clock.advance(by: day * 29)
            try await trial.rotate(device.token(0))
            trial.defaults = PolicyDefaults(idleLifetime: .limited(day), absoluteLifetime: .limited(day))

            trial.clock.advance(by: week - aMoment)
            #expect(try await trial.forget() == 0)
            #expect(try await trial.standing(of: device)?.ending == .expired)
            trial.clock.advance(by: aMoment)
            #expect(try await trial.forget() == 1)
        },
        Self("nobody has a retention so short that an access token could outlive its session") { trial in
            let device = try await trial.device(of: trial.begin())
            _ = try await trial.revoke(device)

            trial.clock.advance(by: .seconds(7200) - aMoment)
            #expect(try await trial.forget(deadFor: .zero) == 0)
            trial.clock.advance(by: aMoment)
            #expect(try await trial.forget(deadFor: .zero) == 1)
        },
        Self("step by step every session is looked at once, and no step removes or looks at more than it may") { trial in
            let users = [try await trial.begin(), try await trial.user("Bob"), try await trial.user("Carol")]
            var (dead, live): ([Device], [Device]) = ([], [])
            for number in 0..<21 {
                let device = try await trial.device(of: users[number % 3])
                if number.isMultiple(of: 3) { live.append(device) } else { dead.append(device) }
            }
            for device in dead { _ = try await trial.revoke(device) }
            trial.clock.advance(by: week)

            var (counts, cursor): ([Int], SessionCursor?) = ([], nil)
            repeat {
                let step = try await trial.forgetting(after: cursor, ForgettingLimits(looking: 5, removing: 2))
                counts.append(step.count)
                cursor = step.next
            } while cursor != nil && counts.count < 30

            #expect(counts.reduce(0, +) == 14)
            #expect(counts.allSatisfy { $0 <= 2 })
            #expect(counts.count >= 7)
            for device in live { #expect(try await trial.standing(of: device)?.ending == nil) }
            for device in dead { #expect(try await trial.standing(of: device) == nil) }
        },
        Self("a step over live sessions alone ends where it may look no further") { trial in
            let user = try await trial.begin()
            for _ in 0..<5 { _ = try await trial.device(of: user) }

            let first = try await trial.forgetting(after: nil, ForgettingLimits(looking: 3, removing: 1))
            let second = try await trial.forgetting(after: first.next, ForgettingLimits(looking: 3, removing: 1))

            #expect(first.count == 0)
            #expect(first.next?.userID == user.id)
            #expect(second == ForgottenSessions(count: 0, next: nil))
        },
        Self("a revocation is forgotten when it may be, and not a moment before; positions go on as before") { trial in
            let user = try await trial.begin()
            let (first, second) = (try await trial.device(of: user), try await trial.device(of: user))
            let start = try await trial.store.endOfRevocations()
            _ = try await trial.revoke(first)
            let end = try await trial.store.endOfRevocations()

            trial.clock.advance(by: Revocation.memory - aMoment)
            #expect(try await trial.store.forgetRevocations(limit: 10) == 0)
            trial.clock.advance(by: aMoment)
            #expect(try await trial.store.forgetRevocations(limit: 10) == 1)
            #expect(try await trial.store.forgetRevocations(limit: 10) == 0)

            #expect(try await trial.store.endOfRevocations() == end)
            _ = try await trial.revoke(second)
            for reader in [start, end] {
                let page = try await trial.store.revocations(after: reader, limit: 10)
                #expect(!page.isSnapshot)
                #expect(page.entries.map(\.revocation.subject) == [.session(second.session)])
                #expect(page.position != end)
            }
        },
        Self("of the revocations that may be forgotten no more are removed at once than asked for") { trial in
            let user = try await trial.begin()
            for _ in 0..<5 { _ = try await trial.revoke(trial.device(of: user)) }
            trial.clock.advance(by: Revocation.memory)
            let live = try await trial.device(of: user)
            _ = try await trial.revoke(live)

            var counts: [Int] = []
            for _ in 0..<4 { counts.append(try await trial.store.forgetRevocations(limit: 2)) }

            #expect(counts == [2, 2, 1, 0])
            let entries = try await trial.store.revocations(after: nil, limit: 10).entries
            #expect(entries.map(\.revocation.subject) == [.session(live.session)])
        },
        Self("what is removed leaves no trace in the audit log, and none of the log is removed") { trial in
            let device = try await trial.device(of: trial.begin())
            _ = try await trial.revoke(device)
            let before = try await trial.events()
            trial.clock.advance(by: week)

            #expect(try await trial.forget() == 1)
            #expect(try await trial.store.forgetRevocations(limit: 10) == 1)

            #expect(try await trial.events() == before)
        },
    ]
}

extension StoreTrial {
    fileprivate func forgetting(
        after cursor: SessionCursor?, _ limits: ForgettingLimits, deadFor retention: Duration = .seconds(7 * 86_400)
    ) async throws -> ForgottenSessions {
        try await store.forgetDeadSessions(after: cursor, deadFor: retention, defaults: defaults, limits: limits)
    }

    /// Removes whatever is dead, in one step, and says how much.
    fileprivate func forget(deadFor retention: Duration = .seconds(7 * 86_400)) async throws -> Int {
        try await forgetting(after: nil, ForgettingLimits(looking: 1000, removing: 1000), deadFor: retention).count
    }
}
