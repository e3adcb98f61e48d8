import GRDB
package import SignetSessions
import SignetTokens

extension SQLiteStore {
    private static let selectClient = """
        SELECT client_id, is_confidential
        FROM sessions JOIN clients USING (client_id)
        WHERE user_id = :user AND session_id = :session
        """
    private static let endOne = """
        UPDATE sessions
        SET ending = :ending, ended_at = :now
        WHERE user_id = :user AND session_id = :session AND ending IS NULL
        """
    private static let selectLive = "SELECT session_id FROM sessions WHERE user_id = :user AND ending IS NULL ORDER BY session_id"

    package func revokeSession(_ revocation: SessionRevocation) async throws -> RevocationOutcome {
        try await write { [clock] database in
            let arguments: StatementArguments = ["user": revocation.userID.column, "session": revocation.sessionID.column]
            guard let row = try Row.fetchOne(database.cachedStatement(sql: Self.selectClient), arguments: arguments) else {
                return .unknown
            }
            if let client = revocation.clientID, client.description != row["client_id"] { return .otherClient }
            if row["is_confidential"], !revocation.isAuthenticated { return .unauthenticated }
            let hasEnded = try Self.end(
                revocation.sessionID, of: revocation.userID, as: revocation.ending, by: revocation.actor, from: revocation.origin,
                at: clock.now, in: database
            )
            return hasEnded ? .revoked : .hadEnded
        }
    }

    package func revokeSessions(_ revocation: UserRevocation) async throws -> Int {
        try await write { [clock] database in try Self.endAll(revocation, at: clock.now, in: database) }
    }

    @discardableResult
    static func endAll(_ revocation: UserRevocation, at now: UnixTime, in database: Database) throws -> Int {
        let user = revocation.userID
        let rows = try Row.fetchAll(database.cachedStatement(sql: selectLive), arguments: ["user": user.column])
        let live: [SessionID] = try rows.map { try $0.identifier("session_id") }
        return try live.count { session in
            guard let ending = revocation.ending(of: session) else { return false }
            return try end(session, of: user, as: ending, by: revocation.actor, from: revocation.origin, at: now, in: database)
        }
    }

    /// Ends a session and writes it down; `false` when it had ended before, or never was.
    @discardableResult
    static func end(
        _ session: SessionID, of user: UserID, as ending: SessionEnd, by actor: Actor, from origin: Origin, at now: UnixTime,
        in database: Database
    ) throws -> Bool {
        try database.cachedStatement(sql: endOne).execute(arguments: [
            "user": user.column, "session": session.column, "ending": ending.rawValue, "now": now.milliseconds,
        ])
        guard database.changesCount > 0 else { return false }
        try log(.session(session), of: user, by: actor, reason: ending.rawValue, at: now, in: database)
        let entry = AuditEntry(
            .sessionRevoked, by: actor, userID: user, sessionID: session, reason: ending.rawValue, origin: origin)
        try record(entry, at: now, in: database)
        return true
    }
}
