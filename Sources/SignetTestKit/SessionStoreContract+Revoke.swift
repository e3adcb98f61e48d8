import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// Sessions are ended.
    static let revoke: [SessionStoreContract] = [
        Self("a revoked session has ended at once, and the log says who ended it and why") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)
            let other = try await trial.device(of: user)

            #expect(try await trial.revoke(device, as: .revokedByAdmin, by: .admin) == .revoked)

            #expect(try await trial.standing(of: device)?.ending == .revokedByAdmin)
            #expect(try await trial.standing(of: other)?.ending == nil)
            let entry = try #require(try await trial.store.auditEntries(limit: 1).first)
            #expect(entry.at == trial.clock.now)
            #expect(entry.entry.event == .sessionRevoked)
            #expect(entry.entry.actor == .admin)
            #expect(entry.entry.reason == "revoked_by_admin")
            #expect(entry.entry.sessionID == device.session)
            #expect(entry.entry.userID == user.id)
            #expect(entry.entry.origin == .fixture)
        },
        Self("to revoke again changes nothing: the first reason stands, and the log has one entry") { trial in
            let device = try await trial.device(of: trial.begin())
            _ = try await trial.revoke(device, as: .signedOut)

            #expect(try await trial.revoke(device, as: .revokedByAdmin) == .hadEnded)

            #expect(try await trial.standing(of: device)?.ending == .signedOut)
            #expect(try await trial.events().count { $0 == .sessionRevoked } == 1)
        },
        Self("a session that is not there, or is another user's, is unknown") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let bobs = try await trial.device(of: bob)
            let asAda = SessionRevocation(
                sessionID: bobs.session, userID: ada.id, ending: .revokedByUser, actor: .user, origin: .unknown)

            #expect(try await trial.revoke(trial.unopened(for: ada)) == .unknown)
            #expect(try await trial.store.revokeSession(asAda) == .unknown)
            #expect(try await trial.standing(of: bobs)?.ending == nil)
        },
        Self("a client revokes its own sessions and no other client's") { trial in
            let device = try await trial.device(of: trial.begin())

            #expect(try await trial.revoke(device, client: .signetCLI) == .otherClient)
            #expect(try await trial.standing(of: device)?.ending == nil)

            #expect(try await trial.revoke(device, client: .signet) == .revoked)
            #expect(try await trial.revoke(device, client: .signetCLI) == .otherClient)
        },
        Self("all sessions of a user end in one step, and nobody else's") { trial in
            let ada = try await trial.begin()
            let bob = try await trial.user("Bob")
            let adas = [try await trial.device(of: ada), try await trial.device(of: ada), try await trial.device(of: ada)]
            let bobs = try await trial.device(of: bob)

            #expect(try await trial.revokeAll(of: ada) == 3)

            for device in adas { #expect(try await trial.standing(of: device)?.ending == .revokedByUser) }
            #expect(try await trial.standing(of: bobs)?.ending == nil)
            let revoked = try await trial.store.auditEntries(limit: 3).map(\.entry)
            #expect(Set(revoked.map(\.sessionID)) == Set(adas.map(\.session)))
            #expect(revoked.allSatisfy { $0.event == .sessionRevoked && $0.reason == "revoked_by_user" })
        },
        Self("all but one end when one is kept") { trial in
            let user = try await trial.begin()
            let kept = try await trial.device(of: user)
            let others = [try await trial.device(of: user), try await trial.device(of: user)]

            #expect(try await trial.revokeAll(of: user, except: kept.session) == 2)

            #expect(try await trial.standing(of: kept)?.ending == nil)
            for device in others { #expect(try await trial.standing(of: device)?.ending == .revokedByUser) }
        },
        Self("the session that asks for the end of all is signed out, the others are revoked from it") { trial in
            let user = try await trial.begin()
            let own = try await trial.device(of: user)
            let other = try await trial.device(of: user)

            #expect(try await trial.revokeAll(of: user, from: own.session) == 2)

            #expect(try await trial.standing(of: own)?.ending == .signedOut)
            #expect(try await trial.standing(of: other)?.ending == .revokedByUser)
        },
        Self("to end all again ends none, and leaves the reasons as they were") { trial in
            let user = try await trial.begin()
            let first = try await trial.device(of: user)
            let second = try await trial.device(of: user)
            _ = try await trial.revoke(first, as: .signedOut)

            #expect(try await trial.revokeAll(of: user) == 1)
            #expect(try await trial.revokeAll(of: user) == 0)

            #expect(try await trial.standing(of: first)?.ending == .signedOut)
            #expect(try await trial.standing(of: second)?.ending == .revokedByUser)
        },
        Self("a person signs in again in the very moment in which all sessions ended") { trial in
            let user = try await trial.begin()
            _ = try await trial.device(of: user)
            _ = try await trial.revokeAll(of: user)

            let device = try await trial.device(of: user)

            #expect(try await trial.rotate(device.token(0)).decision == .rotate(to: 1))
        },
    ]
}

extension StoreTrial {
    fileprivate func revokeAll(of user: User, except kept: SessionID? = nil, from own: SessionID? = nil) async throws -> Int {
        try await store.revokeSessions(
            UserRevocation(
                userID: user.id, keeping: kept, askedFrom: own, ending: .revokedByUser, actor: .user, origin: .fixture))
    }
}
