import Foundation
import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    private static let insert = """
        INSERT INTO revocations (kind, subject, user_id, at, initiator, reason, forget_at)
        VALUES (:kind, :subject, :user, :at, :initiator, :reason, :forget_at)
        """
    private static let exists = "SELECT 1 FROM revocations WHERE kind = :kind AND subject = :subject LIMIT 1"
    private static let existsForToken = """
        SELECT 1 FROM revocations
        WHERE kind = 'token' AND subject = :token OR kind = 'key' AND subject = :key
        LIMIT 1
        """
    private static let selectAfter = """
        SELECT * FROM revocations
        WHERE position > :after AND (forget_at IS NULL OR forget_at > :now)
        ORDER BY position
        LIMIT :limit
        """
    /// The end of the log, also when its last entries have been forgotten.
    private static let selectEnd = """
        SELECT epoch, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'revocations'), 0) AS last FROM server
        """

    package func revokeToken(_ revocation: TokenRevocation) async throws -> Bool {
        try await write { [clock] database in
            let now = clock.now
            let token = revocation.token
            guard now < token.expiresAt, try !Self.isRevoked(.token(token.tokenID), in: database) else { return false }
            try Self.log(
                .token(token.tokenID), of: token.userID, by: revocation.actor, reason: SessionEnd.signedOut.rawValue, at: now,
                forgetAt: token.expiresAt.advanced(by: AccessTokenRules.largestLeeway), in: database
            )
            let entry = AuditEntry(
                .tokenRevoked, by: revocation.actor, userID: token.userID, sessionID: token.sessionID,
                clientID: ClientID(token.clientID),
                detail: token.tokenID, origin: revocation.origin
            )
            try Self.record(entry, at: now, in: database)
            return true
        }
    }

    package func isTokenRevoked(_ tokenID: String, keyID: String) async throws -> Bool {
        try await readers.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: Self.existsForToken), arguments: ["token": tokenID, "key": keyID]) != nil
        }
    }

    package func revocations(after position: FeedPosition?, limit: Int) async throws -> RevocationPage {
        try await readers.read { [clock] database in
            guard let end = try Row.fetchOne(database.cachedStatement(sql: Self.selectEnd)) else {
                throw DamagedColumn(name: "epoch")
            }
            let (epoch, last): (String, Int64) = (end["epoch"], end["last"])
            // A position of another log, or one that this log has not reached, says nothing about what its reader knows.
            let known = position.flatMap {
                $0.epoch == epoch && $0.numbers.count == 1 && $0.numbers[0] <= last ? $0.numbers[0] : nil
            }
            let statement = try database.cachedStatement(sql: Self.selectAfter)
            let rows = try Row.fetchAll(
                statement, arguments: ["after": known ?? 0, "now": clock.now.milliseconds, "limit": limit + 1]
            )
            let entries = try rows.prefix(limit).map { row in
                LoggedRevocation(
                    revocation: try Self.revocation(row), position: FeedPosition(epoch: epoch, numbers: [row["position"]])
                )
            }
            let hasMore = rows.count > limit
            return RevocationPage(
                isSnapshot: known == nil, entries: entries,
                position: hasMore
                    ? entries.last?.position ?? FeedPosition(epoch: epoch, numbers: [last])
                    : FeedPosition(epoch: epoch, numbers: [last]),
                hasMore: hasMore
            )
        }
    }

    package func endOfRevocations() async throws -> FeedPosition {
        try await readers.read { database in
            guard let end = try Row.fetchOne(database.cachedStatement(sql: Self.selectEnd)) else {
                throw DamagedColumn(name: "epoch")
            }
            return FeedPosition(epoch: end["epoch"], numbers: [end["last"]])
        }
    }

    /// Writes a revocation down in the transaction in which it happens.
    static func log(
        _ subject: RevokedSubject, of user: UserID? = nil, by actor: SignetSessions.Actor, reason: String, at now: UnixTime,
        forgetAt: UnixTime? = nil, in database: Database
    ) throws {
        let forgetAt =
            switch subject {
            case .session, .client: now.advanced(by: Revocation.memory)
            case .token: forgetAt
            case .key: nil as UnixTime?
            }
        let (kind, text) = columns(of: subject)
        try database.cachedStatement(sql: insert).execute(arguments: [
            "kind": kind, "subject": text, "user": user?.column, "at": now.milliseconds, "initiator": initiator(actor).rawValue,
            "reason": reason, "forget_at": forgetAt?.milliseconds,
        ])
    }

    private static func isRevoked(_ subject: RevokedSubject, in database: Database) throws -> Bool {
        let (kind, text) = columns(of: subject)
        return try Row.fetchOne(database.cachedStatement(sql: exists), arguments: ["kind": kind, "subject": text]) != nil
    }

    private static func columns(of subject: RevokedSubject) -> (kind: String, text: String) {
        switch subject {
        case .session(let id): ("session", id.description)
        case .token(let id): ("token", id)
        case .client(let id): ("client", id)
        case .key(let id): ("key", id)
        }
    }

    private static func initiator(_ actor: SignetSessions.Actor) -> Revocation.Initiator {
        switch actor {
        case .user: .user
        case .admin: .admin
        case .system: .policy
        }
    }

    private static func revocation(_ row: Row) throws -> Revocation {
        let subject: RevokedSubject =
            switch row["kind"] as String {
            case "session": .session(try row.value("subject") { (text: String) in SessionID(text) })
            case "token": .token(row["subject"])
            case "client": .client(row["subject"])
            default: .key(row["subject"])
            }
        return Revocation(
            id: try row.identifier("event_id"), subject: subject,
            userID: try row.optional("user_id") { (data: Data) in UserID(bytes: data) }, at: try row.moment("at"),
            initiator: try row.value("initiator") { (text: String) in Revocation.Initiator(rawValue: text) },
            reason: row["reason"],
            forgetAt: try row.optionalMoment("forget_at")
        )
    }
}
