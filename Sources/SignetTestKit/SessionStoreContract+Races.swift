import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// Many at once: never two successors (REQUIREMENTS' TRAP-16).
    static let races: [SessionStoreContract] = [
        Self("of 64 renewals at once with one key, one rotates and the others repeat it") { trial in
            let device = try await trial.device(of: trial.begin())
            let key = IdempotencyKey.fresh

            let outcomes = try await trial.race(64) { _ in try await trial.rotate(device.token(0), keyed: key) }

            #expect(outcomes.count { $0.decision == .rotate(to: 1) } == 1)
            #expect(outcomes.count { $0.decision == .repeatSuccessor } == 63)
            #expect(outcomes.allSatisfy { $0.standing?.session.row.current == device.token(1).hash })
            #expect(try await trial.standing(of: device)?.session.row.generation == 1)
        },
        Self("of 64 renewals at once with 64 keys, one rotates and the others are asked to try again") { trial in
            let device = try await trial.device(of: trial.begin())

            let outcomes = try await trial.race(64) { _ in try await trial.rotate(device.token(0), keyed: .fresh) }

            #expect(outcomes.count { $0.decision == .rotate(to: 1) } == 1)
            #expect(outcomes.count { $0.decision == .tryAgain } == 63)
            #expect(try await trial.standing(of: device)?.session.row.current == device.token(1).hash)
            #expect(try await trial.standing(of: device)?.ending == nil)
        },
        Self("of 64 renewals at once without keys, one rotates and the others repeat it") { trial in
            let device = try await trial.device(of: trial.begin())

            let outcomes = try await trial.race(64) { _ in try await trial.rotate(device.token(0)) }

            #expect(outcomes.count { $0.decision == .rotate(to: 1) } == 1)
            #expect(outcomes.count { $0.decision == .repeatSuccessor } == 63)
            #expect(outcomes.allSatisfy { $0.standing?.session.row.current == device.token(1).hash })
            #expect(try await trial.standing(of: device)?.session.row.generation == 1)
        },
        Self("64 sessions renew at once, each to its own successor") { trial in
            let user = try await trial.begin()
            let devices = try await trial.race(64) { _ in try await trial.device(of: user) }

            let outcomes = try await trial.race(64) { try await trial.rotate(devices[$0].token(0), keyed: .fresh) }

            #expect(outcomes.allSatisfy { $0.decision == .rotate(to: 1) })
            for device in devices {
                #expect(try await trial.standing(of: device)?.session.row.current == device.token(1).hash)
            }
        },
        Self("a sign-out wins over renewals that run beside it, whichever comes first") { trial in
            let device = try await trial.device(of: trial.begin())

            let decisions = try await trial.race(32) { number -> RotationDecision? in
                guard number == 16 else { return try await trial.rotate(device.token(0), keyed: .fresh).decision }
                _ = try await trial.revoke(device)
                return nil
            }

            let expected: Set<RotationDecision?> = [nil, .rotate(to: 1), .tryAgain, .refuse(.signedOut)]
            #expect(Set(decisions).isSubset(of: expected))
            #expect(try await trial.standing(of: device)?.ending == .signedOut)
            #expect(try await trial.rotate(device.token(1), keyed: .fresh).decision == .refuse(.signedOut))
        },
        Self("a sign-in that races a password change ends up refused or ended, never alive") { trial in
            let user = try await trial.begin()
            let devices = (0..<32).map { _ in trial.unopened(for: user) }

            _ = try await trial.race(32) { number in
                if number == 16 {
                    try await trial.store.setPassword(.fixture(memory: 16), of: user.id, keeping: nil, by: .user)
                } else {
                    _ = try? await trial.store.openSession(trial.opening(of: devices[number]))
                }
            }

            #expect(try await trial.store.sessions(of: user.id, after: nil, limit: 100, defaults: trial.defaults).isEmpty)
        },
        Self("of 16 who add a user of one name at once, one succeeds") { trial in
            try await trial.begin()

            let added = try await trial.race(16) { number in
                do {
                    _ = try await trial.user(number.isMultiple(of: 2) ? "Bob" : "BOB")
                    return true
                } catch AccountRefusal.nameTaken {
                    return false
                }
            }

            #expect(added.count { $0 } == 1)
        },
    ]
}

extension StoreTrial {
    /// Runs `work` so many times at once; the results in the order of their numbers.
    func race<Result: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (_ number: Int) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for number in 0..<count {
                group.addTask { (number, try await work(number)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
