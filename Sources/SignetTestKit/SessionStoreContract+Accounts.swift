import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// People.
    static let accounts: [SessionStoreContract] = [
        Self("a user is found as added, under the name in any case") { trial in
            try await trial.begin()
            let id = UserID.random(systemRandomBytes)

            let added = try await trial.store.addUser(
                id, name: .fixture("Grace Hopper"), email: "grace@example.com", password: .fixture(), roles: ["admin"])

            let found = try #require(try await trial.store.user(named: .fixture("GRACE hopper")))
            for user in [added, found] {
                #expect(user.id == id)
                #expect(user.name == "Grace Hopper")
                #expect(user.email == "grace@example.com")
                #expect(user.roles == ["admin"])
                #expect(user.createdAt == trial.clock.now)
                #expect(user.disabledAt == nil)
            }
            #expect(try await trial.store.user(named: .fixture("Nobody")) == nil)
            #expect(try await trial.events().suffix(1) == [.userAdded])
        },
        Self("a name is given once, whatever its case") { trial in
            try await trial.begin()

            await #expect(throws: AccountRefusal.nameTaken) { try await trial.user("ADA") }

            #expect(try await trial.store.users(after: nil, limit: 10).count == 1)
            #expect(try await trial.events().count { $0 == .userAdded } == 1)
        },
        Self("users come in the order of their names, page by page") { trial in
            try await trial.begin()
            for name in ["dave", "Bob", "carol", "Émile"] { _ = try await trial.user(name) }

            let first = try await trial.store.users(after: nil, limit: 3)
            let rest = try await trial.store.users(after: .fixture("carol"), limit: 3)

            #expect(first.map(\.name) == ["Ada", "Bob", "carol"])
            #expect(rest.map(\.name) == ["dave", "Émile"])
        },
        Self("to disable a user ends every session in the same step") { trial in
            let user = try await trial.begin()
            let devices = [try await trial.device(of: user), try await trial.device(of: user)]

            try await trial.store.setDisabled(true, user: user.id, by: .admin)

            #expect(try await trial.store.credentials(of: .fixture("Ada"))?.isDisabled == true)
            #expect(try await trial.store.user(named: .fixture("Ada"))?.disabledAt == trial.clock.now)
            for device in devices { #expect(try await trial.standing(of: device)?.ending == .userDisabled) }
            #expect(try await trial.events().suffix(3) == [.userDisabled, .sessionRevoked, .sessionRevoked])
        },
        Self("to enable a user again revives no session, and lets new ones open") { trial in
            let user = try await trial.begin()
            let old = try await trial.device(of: user)
            try await trial.store.setDisabled(true, user: user.id, by: .admin)

            try await trial.store.setDisabled(false, user: user.id, by: .admin)

            #expect(try await trial.rotate(old.token(0)).decision == .refuse(.userDisabled))
            #expect(try await trial.store.sessions(of: user.id, after: nil, limit: 10, defaults: trial.defaults).isEmpty)
            let new = try await trial.device(of: user)
            #expect(try await trial.rotate(new.token(0)).decision == .rotate(to: 1))
            #expect(try await trial.events().contains(.userEnabled))
        },
        Self("a new password takes the place of the old one, and ends every session but the one that is kept") { trial in
            let user = try await trial.begin()
            let kept = try await trial.device(of: user)
            let other = try await trial.device(of: user)

            try await trial.store.setPassword(.fixture(memory: 16), of: user.id, keeping: kept.session, by: .user)

            #expect(try await trial.store.credentials(of: .fixture("Ada"))?.passwordHash.cost.memory == 16)
            #expect(try await trial.standing(of: kept)?.ending == nil)
            #expect(try await trial.standing(of: other)?.ending == .passwordChanged)
            #expect(try await trial.events().suffix(2) == [.passwordChanged, .sessionRevoked])
        },
        Self("a user who does not exist cannot be changed") { trial in
            try await trial.begin()
            let nobody = UserID.random(systemRandomBytes)
            let before = try await trial.events()

            await #expect(throws: AccountRefusal.unknownUser) {
                try await trial.store.setDisabled(true, user: nobody, by: .admin)
            }
            await #expect(throws: AccountRefusal.unknownUser) {
                try await trial.store.setPassword(.fixture(), of: nobody, keeping: nil, by: .admin)
            }

            #expect(try await trial.events() == before)
        },
    ]
}
