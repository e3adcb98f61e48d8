import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// A session opens, or does not.
    static let signIn: [SessionStoreContract] = [
        Self("a name is known however it is written, and no other name is") { trial in
            let user = try await trial.begin()

            #expect(try await trial.store.credentials(of: .fixture("ADA"))?.userID == user.id)
            #expect(try await trial.store.credentials(of: .fixture("ada"))?.isDisabled == false)
            #expect(try await trial.store.credentials(of: .fixture("Adam")) == nil)
        },
        Self("a session stands as it was opened, from the store's own moment") { trial in
            let user = try await trial.begin(roles: ["admin"])

            let device = try await trial.device(of: user, named: "Ada's laptop")

            let standing = try #require(try await trial.standing(of: device))
            #expect(standing.session.deviceName == DeviceName("Ada's laptop"))
            #expect(standing.session.origin == .keptFixture)
            #expect(standing.session.authenticatedAt == trial.clock.now)
            #expect(standing.session.authenticationMethods == ["pwd"])
            #expect(standing.username == "Ada")
            #expect(standing.roles == ["admin"])
            #expect(standing.client.id == .signet)
            #expect(standing.ending == nil)
            #expect(standing.now == trial.clock.now)
            let row = SessionRow(
                current: device.token(0).hash, keyVersion: 7, rotatedAt: trial.clock.now, clientID: .signet, scope: "account",
                resources: [StoreTrial.issuer], createdAt: trial.clock.now, lastRenewedAt: trial.clock.now
            )
            #expect(standing.session.row == row)
        },
        Self("no session opens when the password was changed while it was being hashed") { trial in
            let user = try await trial.begin()
            let device = trial.unopened(for: user)
            try await trial.store.setPassword(.fixture(memory: 16), of: user.id, keeping: nil, by: .user)

            await #expect(throws: SignInRefusal.passwordHashChanged) {
                try await trial.store.openSession(trial.opening(of: device))
            }

            #expect(try await trial.standing(of: device) == nil)
            #expect(try await !trial.events().contains(.sessionOpened))
        },
        Self("no session opens when the user was disabled while the password was being hashed") { trial in
            let user = try await trial.begin()
            let device = trial.unopened(for: user)
            try await trial.store.setDisabled(true, user: user.id, by: .admin)

            await #expect(throws: SignInRefusal.wrongCredentials) { try await trial.store.openSession(trial.opening(of: device)) }

            #expect(try await trial.standing(of: device) == nil)
        },
        Self("no session opens for a user who does not exist") { trial in
            try await trial.begin()
            let device = Device(user: .random(systemRandomBytes), key: trial.key, salt: trial.salt, now: trial.clock.now)

            await #expect(throws: SignInRefusal.wrongCredentials) { try await trial.store.openSession(trial.opening(of: device)) }
        },
        Self("no session opens when its deadline has passed") { trial in
            let user = try await trial.begin()
            let device = trial.unopened(for: user)
            let opening = trial.opening(of: device, deadline: RequestDeadline { false })

            await #expect(throws: DeadlinePassed.self) { try await trial.store.openSession(opening) }

            #expect(try await trial.standing(of: device) == nil)
        },
        Self("a sign-in that brings the device's old session replaces it") { trial in
            let user = try await trial.begin()
            let old = try await trial.device(of: user)
            let other = try await trial.device(of: user)

            let new = try await trial.device(of: user, replaces: old.session)

            #expect(try await trial.standing(of: old)?.ending == .replaced)
            let live = try await trial.store.sessions(of: user.id, after: nil, limit: 10, defaults: trial.defaults)
            #expect(Set(live.map(\.session.id)) == [other.session, new.session])
        },
        Self("nobody replaces another user's session") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let bobs = try await trial.device(of: bob)

            _ = try await trial.device(of: ada, replaces: bobs.session)

            #expect(try await trial.standing(of: bobs)?.ending == nil)
        },
        Self("a sign-in that is refused replaces nothing") { trial in
            let user = try await trial.begin()
            let old = try await trial.device(of: user)
            let new = trial.unopened(for: user)
            let opening = trial.opening(of: new, replaces: old.session, scope: "unheard-of")

            await #expect(throws: SignInRefusal.scope) { try await trial.store.openSession(opening) }

            #expect(try await trial.standing(of: old)?.ending == nil)
        },
        Self("a stronger hash takes the place of exactly the one it was made from") { trial in
            let user = try await trial.begin()

            try await trial.store.strengthenPasswordHash(of: user.id, from: .fixture(memory: 32), to: .fixture(memory: 64))
            #expect(try await trial.store.credentials(of: .fixture("Ada"))?.passwordHash.cost.memory == 8)

            try await trial.store.strengthenPasswordHash(of: user.id, from: .fixture(), to: .fixture(memory: 64))
            #expect(try await trial.store.credentials(of: .fixture("Ada"))?.passwordHash.cost.memory == 64)
        },
        Self("strengthening a hash ends no session") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)

            try await trial.store.strengthenPasswordHash(of: user.id, from: .fixture(), to: .fixture(memory: 64))

            #expect(try await trial.standing(of: device)?.ending == nil)
        },
    ]
}
