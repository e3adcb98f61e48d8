import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// A current token, and one that no row knows.
    static let renew: [SessionStoreContract] = [
        Self("a current token rotates, and the row is as the decision says") { trial in
            let device = try await trial.device(of: trial.begin())
            let key = IdempotencyKey.fresh
            let nonce = RequestNonce(systemRandomBytes)
            trial.clock.advance(by: .milliseconds(86_400_001))

            let outcome = try await trial.rotate(device.token(0), keyed: key, nonce: nonce)

            let row = SessionRow(
                current: device.token(1).hash, previous: device.token(0).hash, generation: 1, keyVersion: 7,
                rotatedAt: trial.clock.now, rotationKey: key.hash(in: device.session), rotationNonce: nonce, clientID: .signet,
                scope: "account", resources: [StoreTrial.issuer], createdAt: UnixTime(seconds: 1_700_000_000),
                lastRenewedAt: trial.clock.now
            )
            #expect(outcome.decision == .rotate(to: 1))
            #expect(outcome.standing?.session.row == row)
            #expect(outcome.standing?.now == trial.clock.now)
            #expect(try await trial.standing(of: device)?.session.row == row)
        },
        Self("a successor rotates in its turn, generation after generation, in the same row") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)

            for generation in 0..<10 {
                let outcome = try await trial.rotate(device.token(generation), keyed: .fresh)
                #expect(outcome.decision == .rotate(to: UInt32(generation + 1)))
            }

            #expect(try await trial.store.sessions(of: user.id, after: nil, limit: 10, defaults: trial.defaults).count == 1)
            #expect(try await trial.standing(of: device)?.session.row.generation == 10)
        },
        Self("a session shows where it was last renewed from; a repeat and a reuse leave that as it was") { trial in
            let device = try await trial.device(of: trial.begin())
            let (home, train) = (Origin(address: "198.51.100.0/24", userAgent: "Home"), Origin(userAgent: "Train"))

            let renewed = try await trial.rotate(device.token(0), keeping: home)
            #expect(renewed.standing?.session.origin == home)
            #expect(try await trial.standing(of: device)?.session.origin == home)
            try await trial.rotate(device.token(0), keeping: .keptFixture)
            #expect(try await trial.standing(of: device)?.session.origin == home)

            try await trial.rotate(device.token(1), keyed: .fresh, keeping: train)
            #expect(try await trial.standing(of: device)?.session.origin == train)
            try await trial.rotate(device.token(2), keyed: .fresh, keeping: .unknown)
            #expect(try await trial.standing(of: device)?.session.origin == .unknown)
            try await trial.rotate(device.token(3), keyed: .fresh, keeping: home)

            #expect(try await trial.rotate(device.token(0), keeping: train).decision == .revoke)
            #expect(try await trial.standing(of: device)?.session.origin == home)
        },
        Self("a plain renewal leaves nothing in the audit log") { trial in
            let device = try await trial.device(of: trial.begin())
            let before = try await trial.events()

            try await trial.rotate(device.token(0))
            try await trial.rotate(device.token(0))
            try await trial.rotate(device.token(1))

            #expect(try await trial.events() == before)
        },
        Self("a session that is not there is unknown") { trial in
            let user = try await trial.begin()

            let outcome = try await trial.rotate(trial.unopened(for: user).token(0))

            #expect(outcome.decision == .refuse(.unknown))
            #expect(outcome.standing == nil)
        },
        Self("a session is found by its user and its id together") { trial in
            let ada = try await trial.begin()
            let adas = try await trial.device(of: ada)
            let bob = try await trial.user("Bob")

            let forged = RefreshToken(first: bob.id, session: adas.session, key: trial.key, systemRandomBytes)

            #expect(try await trial.rotate(forged).decision == .refuse(.unknown))
            #expect(try await trial.standing(of: adas)?.ending == nil)
        },
        Self("the first keyless renewal of a session rotates") { trial in
            let device = try await trial.device(of: trial.begin())

            #expect(try await trial.rotate(device.token(0)).decision == .rotate(to: 1))
        },
        Self("a current keyless token stays as it is inside the window after a keyless rotation, and rotates at its end") {
            trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0))

            trial.clock.advance(by: .milliseconds(59_999))
            #expect(try await trial.rotate(device.token(1)).decision == .keepToken)
            #expect(try await trial.standing(of: device)?.session.row.generation == 1)

            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.rotate(device.token(1)).decision == .rotate(to: 2))
        },
        Self("a current token with a key rotates inside the window too") { trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0))

            #expect(try await trial.rotate(device.token(1), keyed: .fresh).decision == .rotate(to: 2))
        },
        Self("a keyless token rotates inside the window when the rotation before had a key") { trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0), keyed: .fresh)

            #expect(try await trial.rotate(device.token(1)).decision == .rotate(to: 2))
        },
        Self("the last rotation's key with a newer token is refused, and nothing changes") { trial in
            let device = try await trial.device(of: trial.begin())
            let key = IdempotencyKey.fresh
            let after = try await trial.rotate(device.token(0), keyed: key).standing?.session.row

            #expect(try await trial.rotate(device.token(1), keyed: key).decision == .staleIdempotencyKey)
            #expect(try await trial.standing(of: device)?.session.row == after)
        },
        Self("a token newer than the database is kept safe: nothing changes, and the log says so") { trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0))
            let before = try await trial.standing(of: device)?.session.row

            let outcome = try await trial.rotate(device.token(3))

            #expect(outcome.decision == .ahead)
            #expect(try await trial.standing(of: device)?.session.row == before)
            let entry = try #require(try await trial.store.auditEntries(limit: 1).first?.entry)
            #expect(entry.event == .renewalAhead)
            #expect(entry.sessionID == device.session)
            #expect(entry.userID == device.user)
            #expect(entry.clientID == .signet)
            #expect(entry.origin == .fixture)
        },
        Self("another token of the current generation is a reuse") { trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0))

            #expect(try await trial.rotate(device.strangeToken(1)).decision == .revoke)
            #expect(try await trial.standing(of: device)?.ending == .reused)
        },
        Self("a renewal whose deadline has passed decides nothing, not even a reuse") { trial in
            let device = try await trial.device(of: trial.begin())
            let late = RequestDeadline { false }
            await #expect(throws: DeadlinePassed.self) { try await trial.rotate(device.token(0), deadline: late) }
            #expect(try await trial.standing(of: device)?.session.row.generation == 0)

            try await trial.rotate(device.token(0), keyed: .fresh)
            try await trial.rotate(device.token(1), keyed: .fresh)
            await #expect(throws: DeadlinePassed.self) { try await trial.rotate(device.token(0), deadline: late) }
            #expect(try await trial.standing(of: device)?.ending == nil)
        },
    ]
}
