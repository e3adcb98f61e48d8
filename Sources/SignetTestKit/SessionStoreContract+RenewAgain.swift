import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// A token that was renewed before.
    static let renewAgain: [SessionStoreContract] = [
        Self("the same request again gets the same successor, however late") { trial in
            let device = try await trial.device(of: trial.begin())
            let nonce = RequestNonce(systemRandomBytes)
            let after = try await trial.rotate(device.token(0), nonce: nonce).standing?.session.row
            trial.clock.advance(by: .seconds(61))

            let again = try await trial.rotate(device.token(0), nonce: nonce)

            #expect(again.decision == .repeatSuccessor)
            #expect(again.standing?.session.row.current == after?.current)
            #expect(again.standing?.session.row.generation == 1)
        },
        Self("the same key again gets the same successor, however late") { trial in
            let device = try await trial.device(of: trial.begin())
            let key = IdempotencyKey.fresh
            try await trial.rotate(device.token(0), keyed: key)
            trial.clock.advance(by: .seconds(29 * 86_400))

            let again = try await trial.rotate(device.token(0), keyed: key)

            #expect(again.decision == .repeatSuccessor)
            #expect(again.standing?.session.row.current == device.token(1).hash)
            #expect(try await trial.standing(of: device)?.session.row.current == device.token(1).hash)
            #expect(try await trial.rotate(device.token(1), keyed: .fresh).decision == .rotate(to: 2))
        },
        Self("a keyless repeat gets the same successor inside the window, and is a reuse at its end") { trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0))

            trial.clock.advance(by: .milliseconds(59_999))
            #expect(try await trial.rotate(device.token(0)).decision == .repeatSuccessor)

            // The repeat has not extended the window.
            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.rotate(device.token(0)).decision == .revoke)
        },
        Self("whoever lost a race inside the window is asked to try again, and nothing changes") { trial in
            let user = try await trial.begin()
            for (winner, loser) in [(IdempotencyKey.fresh, nil), (nil, .fresh), (.fresh, .fresh)]
                as [(IdempotencyKey?, IdempotencyKey?)]
            {
                let device = try await trial.device(of: user)
                try await trial.rotate(device.token(0), keyed: winner)
                let after = try await trial.standing(of: device)?.session.row

                trial.clock.advance(by: .milliseconds(59_999))
                #expect(try await trial.rotate(device.token(0), keyed: loser).decision == .tryAgain)
                #expect(try await trial.standing(of: device)?.session.row == after)

                trial.clock.advance(by: .milliseconds(1))
                #expect(try await trial.rotate(device.token(0), keyed: loser).decision == .revoke)
            }
        },
        Self("another token of the generation before is a reuse, also inside the window and with the right key") { trial in
            let device = try await trial.device(of: trial.begin())
            let key = IdempotencyKey.fresh
            try await trial.rotate(device.token(0), keyed: key)

            #expect(try await trial.rotate(device.strangeToken(0), keyed: key).decision == .revoke)
        },
        Self("a token of two generations ago is a reuse, also inside the window and with the key that renewed it") { trial in
            let device = try await trial.device(of: trial.begin())
            let key = IdempotencyKey.fresh
            try await trial.rotate(device.token(0), keyed: key)
            try await trial.rotate(device.token(1), keyed: .fresh)

            #expect(try await trial.rotate(device.token(0), keyed: key).decision == .revoke)
        },
        Self("a reused token ends its session for good, and the log says so once") { trial in
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0), keyed: .fresh)
            try await trial.rotate(device.token(1), keyed: .fresh)

            let outcome = try await trial.rotate(device.token(0))

            #expect(outcome.decision == .revoke)
            #expect(outcome.standing?.ending == .reused)
            #expect(try await trial.standing(of: device)?.ending == .reused)
            #expect(try await trial.rotate(device.token(2)).decision == .refuse(.reused))
            #expect(try await trial.rotate(device.token(0)).decision == .refuse(.reused))
            let entries = try await trial.store.auditEntries(limit: 10).filter { $0.entry.event == .sessionRevoked }
            #expect(entries.count == 1)
            #expect(entries.first?.entry.reason == "reused")
            #expect(entries.first?.entry.actor == .system)
            #expect(entries.first?.entry.sessionID == device.session)
            #expect(entries.first?.at == trial.clock.now)
        },
        Self("a reuse ends no other session of the user") { trial in
            let user = try await trial.begin()
            let stolen = try await trial.device(of: user)
            let other = try await trial.device(of: user)
            try await trial.rotate(stolen.token(0), keyed: .fresh)
            try await trial.rotate(stolen.token(1), keyed: .fresh)

            try await trial.rotate(stolen.token(0))

            #expect(try await trial.rotate(other.token(0)).decision == .rotate(to: 1))
        },
    ]
}
