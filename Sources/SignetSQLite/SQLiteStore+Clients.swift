import Foundation
import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    private static let insert = """
        INSERT INTO clients (client_id, name, is_first_party, is_confidential, is_resource_server, grants, scope, default_scope, resources, redirect_uris, rotates, window,
            access_lifetime, idle_lifetime, absolute_lifetime, session_limit, session_limit_refuses, created_at)
        VALUES (:id, :name, :first_party, :confidential, :resource_server, :grants, :scope, :default_scope, :resources, :redirect_uris, :rotates, :window,
            :access_lifetime, :idle_lifetime, :absolute_lifetime, :session_limit, :session_limit_refuses, :created_at)
        ON CONFLICT (client_id) DO NOTHING
        """
    private static let insertSecret = "INSERT INTO client_secrets (client_id, secret_hash, created_at) VALUES (:id, :hash, :now)"
    private static let selectSecrets = """
        SELECT secret_hash
        FROM client_secrets JOIN clients USING (client_id)
        WHERE client_id = :id AND removed_at IS NULL
        """
    private static let selectOne = "SELECT * FROM clients WHERE client_id = :id AND removed_at IS NULL"
    private static let selectAll = "SELECT * FROM clients WHERE removed_at IS NULL ORDER BY client_id"
    private static let remove = "UPDATE clients SET removed_at = :now WHERE client_id = :id AND removed_at IS NULL"

    package func addClient(_ client: Client, secret: ClientSecretHash?) async throws {
        try await write { [clock] database in
            guard try Self.insert(client, into: database) else { throw ClientRefusal.idTaken }
            if let secret {
                try database.execute(
                    sql: Self.insertSecret,
                    arguments: ["id": client.id.description, "hash": secret.column, "now": clock.now.milliseconds]
                )
            }
            try Self.record(AuditEntry(.clientAdded, by: .admin, clientID: client.id), at: clock.now, in: database)
        }
    }

    package func secretHashes(of client: ClientID) async throws -> [ClientSecretHash] {
        try await readers.read { database in
            let statement = try database.cachedStatement(sql: Self.selectSecrets)
            return try Row.fetchAll(statement, arguments: ["id": client.description]).map { row in
                try row.value("secret_hash") { (data: Data) in ClientSecretHash(bytes: Array(data)) }
            }
        }
    }

    package func client(_ id: ClientID) async throws -> Client? {
        try await readers.read { try Self.client(id, in: $0) }
    }

    package func clients() async throws -> [Client] {
        try await readers.read { database in try Row.fetchAll(database, sql: Self.selectAll).map { try ClientColumns.client($0) }
        }
    }

    package func removeClient(_ id: ClientID, by actor: Actor) async throws {
        guard ![.signet, .signetCLI, .signetBrowser].contains(id) else { throw ClientRefusal.builtIn }
        try await write { [clock] database in
            let now = clock.now
            try database.execute(sql: Self.remove, arguments: ["id": id.description, "now": now.milliseconds])
            guard database.changesCount > 0 else { throw ClientRefusal.unknownClient }
            try Self.log(.client(id.description), by: actor, reason: SessionEnd.clientRemoved.rawValue, at: now, in: database)
            try Self.record(AuditEntry(.clientRemoved, by: actor, clientID: id), at: now, in: database)
        }
    }

    static func client(_ id: ClientID, in database: Database) throws -> Client? {
        try Row.fetchOne(database.cachedStatement(sql: selectOne), arguments: ["id": id.description]).map {
            try ClientColumns.client($0)
        }
    }

    /// `false` when the id is taken.
    static func insert(_ client: Client, into database: Database) throws -> Bool {
        try database.execute(sql: insert, arguments: ClientColumns.arguments(client))
        return database.changesCount > 0
    }
}
