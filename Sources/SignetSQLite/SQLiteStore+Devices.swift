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

    private static let rename = "UPDATE sessions SET device_name = :name WHERE user_id = :user AND session_id = :session"

    package func renameSession(_ renaming: SessionRenaming) async throws -> SessionStanding? {
        try await write { [clock] database in
            let (session, user, now) = (renaming.sessionID, renaming.userID, clock.now)
            let before = try Self.standing(of: session, user: user, defaults: renaming.defaults, now: now, in: database)
            guard let before, before.ending == nil else { return nil }
            try database.cachedStatement(sql: Self.rename).execute(arguments: [
                "name": renaming.name.description, "user": user.column, "session": session.column,
            ])
            let entry = AuditEntry(
                .sessionRenamed, by: .user, userID: user, sessionID: session, clientID: before.client.id,
                detail: renaming.name.description, origin: renaming.origin
            )
            try Self.record(entry, at: now, in: database)
            return try Self.existingStanding(of: session, user: user, defaults: renaming.defaults, now: now, in: database)
        }
    }

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
