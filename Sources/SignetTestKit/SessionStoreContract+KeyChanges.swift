import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// How keys change, and what servers say of those that they hold.
    static let keyChanges: [SessionStoreContract] = [
        Self("a change of the keys adds new ones, alters those that were there, and makes a new revision") { trial in
            let before = try await trial.founded()
            var next = before.signingKeys[1]
            next.activatesAt = trial.clock.now
            next.sealed = [9, 9]
            next.masterKeyID = "m9"
            var change = KeyChange(basis: before.revision, entry: AuditEntry(.signingKeyRotated, by: .admin, detail: "standby-1"))
            change.signingKeys = [next, .fixture("new", at: trial.clock.now)]
            change.refreshKeys = [.fixture(2, at: trial.clock.now)]

            #expect(try await trial.store.changeKeys(change) == 0)

            let after = try #require(try await trial.store.foundation())
            #expect(after.signingKeys.map(\.keyID) == ["active-1", "standby-1", "new"])
            #expect(after.signingKeys[1].activatesAt == trial.clock.now)
            #expect(after.signingKeys[1].sealed == [9, 9])
            #expect(after.signingKeys[1].masterKeyID == "m9")
            #expect(after.signingKeys[1].createdAt == before.signingKeys[1].createdAt)
            #expect(after.refreshKeys.map(\.version) == [1, 2, 255])
            #expect(after.revision == before.revision + 1)
            #expect(try await trial.store.keysRevision() == after.revision)
            #expect(try await trial.events().last == .signingKeyRotated)
        },
        Self("a change that was decided on older keys changes nothing") { trial in
            let founded = try await trial.founded()
            let first = KeyChange(basis: founded.revision, entry: AuditEntry(.signingKeyRotated, by: .admin))
            _ = try await trial.store.changeKeys(first)
            var late = KeyChange(basis: founded.revision, entry: AuditEntry(.signingKeyRevoked, by: .admin))
            late.signingKeys = [.fixture("late", at: trial.clock.now)]
            late.revokedKeyID = "active-1"

            await #expect(throws: KeysChanged.self) { try await trial.store.changeKeys(late) }

            let after = try #require(try await trial.store.foundation())
            #expect(after.signingKeys.map(\.keyID) == ["active-1", "standby-1"])
            #expect(after.revision == founded.revision + 1)
            #expect(try await trial.log().isEmpty)
            #expect(try await trial.events() == [.keysCreated, .signingKeyRotated])
        },
        Self("of 16 changes decided on the same keys one is carried out") { trial in
            let founded = try await trial.founded()
            let outcomes = try await trial.race(16) { number in
                var change = KeyChange(basis: founded.revision, entry: AuditEntry(.signingKeyRotated, by: .system))
                change.signingKeys = [.fixture("new-\(number)", at: trial.clock.now)]
                do {
                    _ = try await trial.store.changeKeys(change)
                    return true
                } catch is KeysChanged {
                    return false
                }
            }

            #expect(outcomes.filter(\.self).count == 1)
            #expect(try await trial.store.foundation()?.signingKeys.count == 3)
        },
        Self("a revoked signing key is an entry of the log that is never forgotten") { trial in
            let founded = try await trial.founded()
            var change = KeyChange(basis: founded.revision, entry: AuditEntry(.signingKeyRevoked, by: .admin, detail: "active-1"))
            change.revokedKeyID = "active-1"

            _ = try await trial.store.changeKeys(change)

            #expect(try await trial.store.isTokenRevoked("any", keyID: "active-1"))
            #expect(try await !trial.store.isTokenRevoked("active-1", keyID: "standby-1"))
            let entry = try #require(try await trial.log().first)
            #expect(entry.subject == .key("active-1"))
            #expect(entry.forgetAt == nil)
            #expect(entry.initiator == .admin)
            trial.clock.advance(by: .seconds(10 * 365 * 86_400))
            #expect(try await trial.log().map(\.subject) == [.key("active-1")])
        },
        Self("a revoked refresh key takes the sessions with it whose token was made under it, and no others") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)
            let ended = try await trial.device(of: user)
            _ = try await trial.revoke(ended)
            let revision = try await trial.store.keysRevision()
            var other = KeyChange(basis: revision, entry: AuditEntry(.refreshKeyRevoked, by: .admin))
            other.revokedVersion = 1
            #expect(try await trial.store.changeKeys(other) == 0)
            #expect(try await trial.standing(of: device)?.ending == nil)
            var change = KeyChange(basis: revision + 1, entry: AuditEntry(.refreshKeyRevoked, by: .admin))
            change.revokedVersion = trial.key.version

            #expect(try await trial.store.changeKeys(change) == 1)

            #expect(try await trial.standing(of: device)?.ending == .revokedByAdmin)
            #expect(try await trial.standing(of: ended)?.ending == .signedOut)
            #expect(try await trial.log().last?.subject == .session(device.session))
        },
        Self("a session is not opened or renewed into a token under a refresh key that was revoked meanwhile") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)
            var revoked = KeyChange(
                basis: try await trial.store.keysRevision(), entry: AuditEntry(.refreshKeyRevoked, by: .admin))
            revoked.refreshKeys = [
                SealedRefreshKey(
                    version: trial.key.version, sealed: [1], masterKeyID: "m1", createdAt: trial.clock.now,
                    activatesAt: trial.clock.now, revokedAt: trial.clock.now)
            ]
            _ = try await trial.store.changeKeys(revoked)

            await #expect(throws: RefreshKeyRevoked.self) { try await trial.device(of: user) }
            await #expect(throws: RefreshKeyRevoked.self) { try await trial.rotate(device.token(0)) }

            #expect(try await trial.standing(of: device)?.session.row.generation == 0)
            #expect(try await trial.store.sessions(of: user.id, after: nil, limit: 10, defaults: trial.defaults).count == 1)
        },
        Self("a server that reports runs until it has been silent for half a minute, or says that it ends") { trial in
            try await trial.founded()
            let (first, second) = (ServerID.random(systemRandomBytes), ServerID.random(systemRandomBytes))
            try await trial.store.report(first, masterKeyID: "m1", keyCacheTime: .seconds(300))
            trial.clock.advance(by: .seconds(10))
            try await trial.store.report(second, masterKeyID: "m1", keyCacheTime: .seconds(300))
            try await trial.store.report(second, masterKeyID: "m2", keyCacheTime: .milliseconds(2500))

            let reports = try await trial.store.runningServers()
            #expect(Set(reports.map(\.serverID)) == [first, second])
            #expect(reports.first { $0.serverID == second }?.masterKeyID == "m2")
            #expect(reports.first { $0.serverID == second }?.keyCacheTime == .milliseconds(2500))
            trial.clock.advance(by: .seconds(20))
            #expect(try await trial.store.runningServers().count == 2)
            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.store.runningServers().map(\.serverID) == [second])
            try await trial.store.forgetServer(second)
            #expect(try await trial.store.runningServers().isEmpty)
        },
    ]
}

extension StoreTrial {
    /// The keys that a new server has.
    @discardableResult
    fileprivate func founded() async throws -> ServerFoundation {
        try await store.found(.fixture(), clients: [], roles: [])
        return try #require(try await store.foundation())
    }
}

extension SealedSigningKey {
    fileprivate static func fixture(_ keyID: String, at now: UnixTime) -> SealedSigningKey {
        SealedSigningKey(
            keyID: keyID, algorithm: .es256, publicKey: [], sealed: [1], masterKeyID: "m1", createdAt: now, activatesAt: nil)
    }
}

extension SealedRefreshKey {
    fileprivate static func fixture(_ version: UInt8, at now: UnixTime) -> SealedRefreshKey {
        SealedRefreshKey(version: version, sealed: [1], masterKeyID: "m1", createdAt: now, activatesAt: nil)
    }
}
