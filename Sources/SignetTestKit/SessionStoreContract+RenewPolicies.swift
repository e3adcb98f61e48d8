import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// Policies, endings, and what is sent along.
    static let renewPolicies: [SessionStoreContract] = [
        Self("a session that is not renewed ends with its idle lifetime, to the millisecond") { trial in
            let user = try await trial.begin()
            let early = try await trial.device(of: user)
            let late = try await trial.device(of: user)

            trial.clock.advance(by: .seconds(30 * 86_400) - .milliseconds(1))
            #expect(try await trial.rotate(early.token(0)).decision == .rotate(to: 1))

            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.standing(of: late)?.ending == .idleExpired)
            #expect(try await trial.rotate(late.token(0)).decision == .refuse(.idleExpired))
            #expect(try await trial.standing(of: early)?.ending == nil)
        },
        Self("the absolute lifetime does not slide") { trial in
            var trial = trial
            trial.defaults.absoluteLifetime = .limited(.seconds(40 * 86_400))
            let device = try await trial.device(of: trial.begin())
            trial.clock.advance(by: .seconds(20 * 86_400))
            try await trial.rotate(device.token(0))

            trial.clock.advance(by: .seconds(20 * 86_400) - .milliseconds(1))
            #expect(try await trial.rotate(device.token(1)).decision == .rotate(to: 2))

            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.rotate(device.token(2)).decision == .refuse(.expired))
            #expect(try await trial.standing(of: device)?.ending == .expired)
        },
        Self("a client's own lifetimes and window go before the server's") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            let policy = ClientPolicy(
                window: .seconds(10), accessLifetime: .seconds(90), idleLifetime: .limited(.seconds(600)),
                absoluteLifetime: .never)
            try await trial.store.addClient(.fixture(app, policy: policy))
            let device = try await trial.device(of: user, client: app)

            try await trial.rotate(device.token(0))
            trial.clock.advance(by: .seconds(10))
            #expect(try await trial.rotate(device.token(1)).decision == .rotate(to: 2))
            #expect(try await trial.standing(of: device)?.client.policy == policy)

            trial.clock.advance(by: .seconds(600))
            #expect(try await trial.rotate(device.token(2)).decision == .refuse(.idleExpired))
        },
        Self("a lifetime of never never passes") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, policy: ClientPolicy(idleLifetime: .never, absoluteLifetime: .never)))
            let device = try await trial.device(of: user, client: app)

            trial.clock.advance(by: .seconds(100 * 365 * 86_400))

            #expect(try await trial.rotate(device.token(0)).decision == .rotate(to: 1))
        },
        Self("a window of zero is strict: the first keyless repeat is a reuse") { trial in
            var trial = trial
            trial.defaults.window = .zero
            let device = try await trial.device(of: trial.begin())
            try await trial.rotate(device.token(0))

            #expect(try await trial.rotate(device.token(1)).decision == .rotate(to: 2))
            #expect(try await trial.rotate(device.token(1)).decision == .revoke)
        },
        Self("a client without rotation keeps its token, and when it was last renewed is written at most once a minute") {
            trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, policy: ClientPolicy(rotates: false)))
            let device = try await trial.device(of: user, client: app)
            let opened = trial.clock.now

            trial.clock.advance(by: .milliseconds(59_999))
            #expect(try await trial.rotate(device.token(0), keyed: .fresh).decision == .keepToken)
            #expect(try await trial.standing(of: device)?.session.row.lastRenewedAt == opened)

            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.rotate(device.token(0)).decision == .keepToken)
            #expect(try await trial.standing(of: device)?.session.row.lastRenewedAt == trial.clock.now)
            #expect(try await trial.standing(of: device)?.session.row.generation == 0)
        },
        Self("a revoked session is refused with the reason it ended for") { trial in
            let user = try await trial.begin()
            for ending in [SessionEnd.signedOut, .revokedByUser, .revokedByAdmin, .passwordChanged, .evicted] {
                let device = try await trial.device(of: user)
                _ = try await trial.revoke(device, as: ending)

                #expect(try await trial.rotate(device.token(0)).decision == .refuse(ending))
            }
        },
        Self("a disabled user's sessions and a removed client's are refused") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            let adas = try await trial.device(of: ada)
            let bobs = try await trial.device(of: bob, client: app)

            try await trial.store.setDisabled(true, user: ada.id, by: .admin)
            try await trial.store.removeClient(app, by: .admin)

            #expect(try await trial.rotate(adas.token(0)).decision == .refuse(.userDisabled))
            #expect(try await trial.rotate(bobs.token(0), client: app).decision == .refuse(.clientRemoved))
            #expect(try await trial.standing(of: bobs)?.ending == .clientRemoved)
        },
        Self("what is sent along and fits changes nothing about the outcome") { trial in
            let device = try await trial.device(of: trial.begin())

            let outcome = try await trial.rotate(
                device.token(0), client: .signet, user: device.user,
                accessToken: .genuine(subject: device.user.description, sessionID: device.session), scope: "account",
                resources: [StoreTrial.issuer]
            )

            #expect(outcome.decision == .rotate(to: 1))
        },
        Self("what is sent along and does not fit is refused and written down, and nothing else changes") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)
            let before = try await trial.standing(of: device)?.session.row
            let stranger = UserID.random(systemRandomBytes)
            let token = device.token(0)

            let outcomes = [
                try await trial.rotate(token, client: .signetCLI),
                try await trial.rotate(token, user: stranger),
                try await trial.rotate(token, accessToken: .genuine(subject: stranger.description, sessionID: device.session)),
                try await trial.rotate(token, accessToken: .genuine(subject: user.id.description, sessionID: nil)),
                try await trial.rotate(token, accessToken: .invalid),
                try await trial.rotate(token, scope: "account admin"),
                try await trial.rotate(token, resources: [StoreTrial.issuer, "https://bank.example.com"]),
            ]

            let mismatches: [RenewalMismatch] = [.client, .user, .accessToken, .accessToken, .accessToken, .scope, .resource]
            #expect(outcomes.map(\.decision) == mismatches.map { .mismatch($0) })
            #expect(try await trial.standing(of: device)?.session.row == before)
            let entries = try await trial.store.auditEntries(limit: 7).reversed().map(\.entry)
            #expect(entries.allSatisfy { $0.event == .renewalMismatched && $0.sessionID == device.session })
            #expect(entries.map(\.reason) == mismatches.map(\.rawValue))
        },
        Self("a client that is not registered for renewals is refused") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app, grants: [.passwordSignIn]))
            let device = try await trial.device(of: user, client: app)

            #expect(try await trial.rotate(device.token(0)).decision == .mismatch(.grant))
        },
        Self("an access token under an unknown key counts as none, and is written down") { trial in
            let device = try await trial.device(of: trial.begin())

            #expect(try await trial.rotate(device.token(0), accessToken: .underUnknownKey).decision == .rotate(to: 1))
            #expect(try await trial.store.auditEntries(limit: 1).first?.entry.event == .accessTokenUnderUnknownKey)
        },
    ]
}
