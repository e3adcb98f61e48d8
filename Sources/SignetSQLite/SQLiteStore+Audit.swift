import Foundation
import GRDB
package import SignetSessions
import SignetTokens

extension SQLiteStore {
    private static let insert = """
        INSERT INTO audit (at, event, actor, user_id, session_id, client_id, reason, detail, address, user_agent, request_id)
        VALUES (:at, :event, :actor, :user, :session, :client, :reason, :detail, :address, :user_agent, :request)
        """

    package func auditEntries(limit: Int) async throws -> [RecordedAuditEntry] {
        try await readers.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM audit ORDER BY position DESC LIMIT ?", arguments: [limit]).map(
                Self.entry)
        }
    }

    /// Writes an entry down in the transaction of what it tells about.
    static func record(_ entry: AuditEntry, at now: UnixTime, in database: Database) throws {
        try database.cachedStatement(sql: insert).execute(arguments: [
            "at": now.milliseconds, "event": entry.event.rawValue, "actor": entry.actor.rawValue, "user": entry.userID?.column,
            "session": entry.sessionID?.column, "client": entry.clientID?.description, "reason": entry.reason,
            "detail": entry.detail,
            "address": entry.origin.address, "user_agent": entry.origin.userAgent, "request": entry.origin.requestID,
        ])
    }

    private static func entry(_ row: Row) throws -> RecordedAuditEntry {
        var entry = AuditEntry(
            try row.value("event") { (text: String) in AuditEvent(rawValue: text) },
            by: try row.value("actor") { (text: String) in Actor(rawValue: text) }
        )
        entry.userID = try row.optional("user_id") { (data: Data) in UserID(bytes: data) }
        entry.sessionID = try row.optional("session_id") { (data: Data) in SessionID(bytes: data) }
        entry.clientID = try row.optional("client_id") { (text: String) in ClientID(text) }
        entry.reason = row["reason"]
        entry.detail = row["detail"]
        entry.origin = Origin(address: row["address"], userAgent: row["user_agent"], requestID: row["request_id"])
        return RecordedAuditEntry(position: row["position"], at: try row.moment("at"), entry: entry)
    }
}
