import Foundation
import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    private static let selectOfUser =
        SessionColumns.select
        + " WHERE sessions.user_id = :user AND sessions.session_id > :after ORDER BY sessions.session_id LIMIT :limit"
    private static let selectOfAll =
        SessionColumns.select + " WHERE sessions.session_id > :after ORDER BY sessions.session_id LIMIT :limit"

    package func user(of session: SessionID) async throws -> UserID? {
        try await readers.read { database in
            let sql = "SELECT user_id FROM sessions WHERE session_id = ?"
            return try Row.fetchOne(database, sql: sql, arguments: [session.column]).map { try $0.identifier("user_id") }
        }
    }

    package func sessions(
        of user: UserID?, after cursor: SessionID?, limit: Int, defaults: PolicyDefaults
    ) async throws -> [SessionStanding] {
        try await readers.read { [clock] database in
            let now = clock.now
            var found: [SessionStanding] = []
            var after = cursor?.column ?? Data()
            // Ended ones are passed over, so a page may take several looks.
            while found.count < limit {
                let arguments: StatementArguments = ["after": after, "limit": limit]
                let rows =
                    if let user {
                        try Row.fetchAll(
                            database.cachedStatement(sql: Self.selectOfUser), arguments: arguments &+ ["user": user.column])
                    } else {
                        try Row.fetchAll(database.cachedStatement(sql: Self.selectOfAll), arguments: arguments)
                    }
                let standings = try rows.map { try SessionColumns.standing($0, defaults: defaults, now: now) }
                found += standings.filter { $0.ending == nil }
                guard rows.count == limit, let last = standings.last else { break }
                after = last.session.id.column
            }
            return Array(found.prefix(limit))
        }
    }
}
