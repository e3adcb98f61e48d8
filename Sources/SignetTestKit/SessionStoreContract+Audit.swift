import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// What is written down.
    static let audit: [SessionStoreContract] = [
        Self("the log begins with the newest entry, in the order of commits, at most as many as asked for") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)
            trial.clock.advance(by: .seconds(5))
            _ = try await trial.revoke(device)

            let entries = try await trial.store.auditEntries(limit: 3)

            #expect(entries.map(\.entry.event) == [.sessionRevoked, .sessionOpened, .userAdded])
            #expect(entries.map(\.position) == entries.map(\.position).sorted(by: >))
            #expect(Set(entries.map(\.position)).count == 3)
            #expect(entries[0].at == trial.clock.now)
            #expect(entries[1].at == trial.clock.now.advanced(by: .seconds(-5)))
        },
        Self("an entry has the session, the user, the client, and where the request came from") { trial in
            let device = try await trial.device(of: trial.begin())

            let entry = try #require(try await trial.store.auditEntries(limit: 1).first?.entry)

            let expected = AuditEntry(
                .sessionOpened, by: .user, userID: device.user, sessionID: device.session, clientID: .signet, origin: .fixture)
            #expect(entry == expected)
        },
        Self("a database that can be read is healthy") { trial in
            try await trial.store.checkHealth()
        },
    ]
}
