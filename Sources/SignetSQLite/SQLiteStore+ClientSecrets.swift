import Foundation
import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    /// Never earlier than the secret before it, so that "the older one" keeps its meaning when the clock is set back.
    private static let insert = """
        INSERT INTO client_secrets (client_id, secret_hash, created_at)
        VALUES (:id, :hash, max(:now, coalesce((SELECT max(created_at) + 1 FROM client_secrets WHERE client_id = :id), 0)))
        """
    private static let select = """
        SELECT secret_hash, client_secrets.created_at
        FROM client_secrets JOIN clients USING (client_id)
        WHERE client_id = :id AND removed_at IS NULL
        ORDER BY client_secrets.created_at
        """
    private static let delete = "DELETE FROM client_secrets WHERE client_id = :id AND secret_hash = :hash"

    package func secretHashes(of client: ClientID) async throws -> [ClientSecretHash] {
        try await readers.read { try Self.secrets(of: client, in: $0).map(\.hash) }
    }

    package func secretMoments(of client: ClientID) async throws -> [UnixTime] {
        try await readers.read { try Self.secrets(of: client, in: $0).map(\.createdAt) }
    }

    package func addSecret(_ secret: ClientSecretHash, to client: ClientID, by actor: SignetSessions.Actor) async throws {
        try await write { [clock] database in
            guard try Self.secretsOfConfidential(client, in: database).count < 2 else { throw ClientRefusal.twoSecrets }
            try Self.insert(secret, of: client, at: clock.now, into: database)
            try Self.record(AuditEntry(.clientSecretAdded, by: actor, clientID: client), at: clock.now, in: database)
        }
    }

    package func dropOlderSecret(of client: ClientID, by actor: SignetSessions.Actor) async throws {
        try await write { [clock] database in
            let secrets = try Self.secretsOfConfidential(client, in: database)
            guard secrets.count > 1, let older = secrets.first else { throw ClientRefusal.oneSecret }
            try database.execute(sql: Self.delete, arguments: ["id": client.description, "hash": older.hash.column])
            try Self.record(AuditEntry(.clientSecretDropped, by: actor, clientID: client), at: clock.now, in: database)
        }
    }

    static func insert(
        _ secret: ClientSecretHash, of client: ClientID, at now: UnixTime, into database: Database
    ) throws {
        try database.execute(
            sql: insert, arguments: ["id": client.description, "hash": secret.column, "now": now.milliseconds])
    }

    private static func secretsOfConfidential(
        _ id: ClientID, in database: Database
    ) throws -> [(hash: ClientSecretHash, createdAt: UnixTime)] {
        guard let client = try client(id, in: database) else { throw ClientRefusal.unknownClient }
        guard client.isConfidential else { throw ClientRefusal.publicClient }
        return try secrets(of: id, in: database)
    }

    private static func secrets(
        of client: ClientID, in database: Database
    ) throws -> [(hash: ClientSecretHash, createdAt: UnixTime)] {
        let statement = try database.cachedStatement(sql: select)
        return try Row.fetchAll(statement, arguments: ["id": client.description]).map { row in
            let hash = try row.value("secret_hash") { (data: Data) in ClientSecretHash(bytes: Array(data)) }
            return (hash, try row.moment("created_at"))
        }
    }
}
