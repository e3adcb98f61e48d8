import Foundation
import GRDB
package import SignetSessions
import SignetTokens

extension SQLiteStore {
    static let selectSessionsAfter = """
        SELECT sessions.user_id, sessions.session_id, sessions.created_at, sessions.last_renewed_at, sessions.ended_at,
            clients.rotates, clients.window, clients.access_lifetime, clients.idle_lifetime, clients.absolute_lifetime,
            clients.removed_at
        FROM sessions CROSS JOIN clients USING (client_id)
        WHERE (sessions.user_id, sessions.session_id) > (:user, :session)
        ORDER BY sessions.user_id, sessions.session_id
        LIMIT :limit
        """
    /// Only the session that was found dead: not one that has changed since.
    private static let deleteSession = """
        DELETE FROM sessions
        WHERE user_id = :user AND session_id = :session AND last_renewed_at = :last_renewed_at AND ended_at IS :ended_at
        """
    static let selectForgettable = """
        SELECT position FROM revocations WHERE forget_at <= :now ORDER BY forget_at LIMIT :limit
        """
    private static let deleteRevocation = "DELETE FROM revocations WHERE position = :position AND forget_at <= :now"

    /// Finds on a reader's connection, so that the writer does nothing but remove.
    package func forgetDeadSessions(
        after cursor: SessionCursor?, deadFor retention: Duration, defaults: PolicyDefaults, limits: ForgettingLimits
    ) async throws -> ForgottenSessions {
        let (found, next) = try await readers.read { [clock] database in
            try Self.dead(after: cursor, deadFor: retention, defaults: defaults, limits: limits, now: clock.now, in: database)
        }
        guard !found.isEmpty else { return ForgottenSessions(count: 0, next: next) }
        let count = try await write { database in
            let statement = try database.cachedStatement(sql: Self.deleteSession)
            return try found.reduce(0) { count, session in
                try statement.execute(arguments: [
                    "user": session.place.userID.column, "session": session.place.sessionID.column,
                    "last_renewed_at": session.life.lastRenewedAt.milliseconds, "ended_at": session.life.endedAt?.milliseconds,
                ])
                return count + database.changesCount
            }
        }
        return ForgottenSessions(count: count, next: next)
    }

    package func forgetRevocations(limit: Int) async throws -> Int {
        let now = clock.now.milliseconds
        let found = try await readers.read { database in
            try Int64.fetchAll(
                database.cachedStatement(sql: Self.selectForgettable), arguments: ["now": now, "limit": limit])
        }
        guard !found.isEmpty else { return 0 }
        return try await write { database in
            let statement = try database.cachedStatement(sql: Self.deleteRevocation)
            return try found.reduce(0) { count, position in
                try statement.execute(arguments: ["position": position, "now": now])
                return count + database.changesCount
            }
        }
    }

    private typealias DeadSession = (place: SessionCursor, life: SessionLife)

    private static func dead(
        after cursor: SessionCursor?, deadFor retention: Duration, defaults: PolicyDefaults, limits: ForgettingLimits,
        now: UnixTime, in database: Database
    ) throws -> (found: [DeadSession], next: SessionCursor?) {
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: selectSessionsAfter),
            arguments: [
                "user": cursor?.userID.column ?? Data(), "session": cursor?.sessionID.column ?? Data(),
                "limit": limits.looking,
            ]
        )
        var found: [DeadSession] = []
        var (looked, last): (Int, SessionCursor?) = (0, nil)
        while found.count < limits.removing, let row = try rows.next() {
            let place = SessionCursor(userID: try row.identifier("user_id"), sessionID: try row.identifier("session_id"))
            let life = try life(row)
            let policy = try ClientColumns.policy(row).resolved(with: defaults).renewal
            if life.isForgettable(deadFor: retention, policy: policy, now: now) { found.append((place, life)) }
            (looked, last) = (looked + 1, place)
        }
        let isAtEnd = looked < limits.looking && found.count < limits.removing
        return (found, isAtEnd ? nil : last)
    }

    private static func life(_ row: Row) throws -> SessionLife {
        SessionLife(
            createdAt: try row.moment("created_at"), lastRenewedAt: try row.moment("last_renewed_at"),
            endedAt: try row.optionalMoment("ended_at"),
            clientRemovedAt: try row.optionalMoment("removed_at")
        )
    }
}
