import Foundation
import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    private static let insert = """
        INSERT INTO clients (client_id, name, is_first_party, is_confidential, is_resource_server, grants, scope, default_scope,
            resources, redirect_uris, rotates, window, access_lifetime, idle_lifetime, absolute_lifetime, session_limit,
            session_limit_refuses, created_at)
        VALUES (:id, :name, :first_party, :confidential, :resource_server, :grants, :scope, :default_scope,
            :resources, :redirect_uris, :rotates, :window, :access_lifetime, :idle_lifetime, :absolute_lifetime, :session_limit,
            :session_limit_refuses, :created_at)
        ON CONFLICT (client_id) DO NOTHING
        """
    private static let update = """
        UPDATE clients
        SET name = :name, scope = :scope, default_scope = :default_scope, resources = :resources, redirect_uris = :redirect_uris,
            window = :window, access_lifetime = :access_lifetime, idle_lifetime = :idle_lifetime,
            absolute_lifetime = :absolute_lifetime, session_limit = :session_limit, session_limit_refuses = :session_limit_refuses
        WHERE client_id = :id
        """
    private static let selectOne = "SELECT * FROM clients WHERE client_id = :id AND removed_at IS NULL"
    private static let selectAll = "SELECT * FROM clients WHERE removed_at IS NULL ORDER BY client_id"
    private static let remove = "UPDATE clients SET removed_at = :now WHERE client_id = :id AND removed_at IS NULL"

    package func addClient(_ client: Client, secret: ClientSecretHash?) async throws {
        try await write { [clock] database in
            guard try Self.insert(client, into: database) else { throw ClientRefusal.idTaken }
            if let secret { try Self.insert(secret, of: client.id, at: clock.now, into: database) }
            try Self.record(AuditEntry(.clientAdded, by: .admin, clientID: client.id), at: clock.now, in: database)
        }
    }

    package func updateClient(
        _ id: ClientID, by actor: SignetSessions.Actor, _ change: @escaping @Sendable (Client) throws -> Client
    ) async throws -> Client {
        try await write { [clock] database in
            guard let before = try Self.client(id, in: database) else { throw ClientRefusal.unknownClient }
            let after = try change(before)
            let changes = try after.changes(since: before)
            guard !changes.isEmpty else { return before }
            try database.execute(sql: Self.update, arguments: ClientColumns.arguments(after))
            let entry = AuditEntry(.clientUpdated, by: actor, clientID: id, detail: changes.joined(separator: " "))
            try Self.record(entry, at: clock.now, in: database)
            return after
        }
    }

    package func client(_ id: ClientID) async throws -> Client? {
        try await readers.read { try Self.client(id, in: $0) }
    }

    package func clients() async throws -> [Client] {
        try await readers.read { database in
            try Row.fetchAll(database, sql: Self.selectAll).map { try ClientColumns.client($0) }
        }
    }

    package func removeClient(_ id: ClientID, by actor: Actor) async throws {
        guard !id.isBuiltIn else { throw ClientRefusal.builtIn }
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
