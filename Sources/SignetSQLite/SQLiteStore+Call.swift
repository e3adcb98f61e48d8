import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    package func standing(of session: SessionID, user: UserID, defaults: PolicyDefaults) async throws -> SessionStanding? {
        try await readers.read { [clock] database in
            try Self.standing(of: session, user: user, defaults: defaults, now: clock.now, in: database)
        }
    }

    static func standing(
        of session: SessionID, user: UserID, defaults: PolicyDefaults, now: UnixTime, in database: Database
    ) throws -> SessionStanding? {
        let statement = try database.cachedStatement(sql: SessionColumns.bySession)
        guard let row = try Row.fetchOne(statement, arguments: ["user": user.column, "session": session.column]) else {
            return nil
        }
        return try SessionColumns.standing(row, defaults: defaults, now: now)
    }

    /// A session that this transaction has just written.
    static func existingStanding(
        of session: SessionID, user: UserID, defaults: PolicyDefaults, now: UnixTime, in database: Database
    ) throws -> SessionStanding {
        guard let standing = try standing(of: session, user: user, defaults: defaults, now: now, in: database) else {
            throw DamagedColumn(name: "session_id")
        }
        return standing
    }
}
