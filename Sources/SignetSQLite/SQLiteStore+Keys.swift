import Foundation
import GRDB
package import SignetSessions
import SignetTokens

extension SQLiteStore {
    private static let insertServer = """
        INSERT INTO server (only, issuer, salt, founded_at, epoch)
        VALUES (1, :issuer, :salt, :now, lower(hex(randomblob(8))))
        ON CONFLICT (only) DO NOTHING
        """
    private static let insertSigningKey = """
        INSERT INTO signing_keys (key_id, algorithm, public_key, sealed, master_key_id, state, created_at)
        VALUES (:id, :algorithm, :public_key, :sealed, :master_key_id, :state, :created_at)
        """
    private static let insertRefreshKey = """
        INSERT INTO refresh_keys (version, sealed, master_key_id, state, created_at)
        VALUES (:version, :sealed, :master_key_id, :state, :created_at)
        """

    package func foundation() async throws -> ServerFoundation? {
        try await readers.read { database in
            guard let server = try Row.fetchOne(database, sql: "SELECT issuer, salt FROM server") else { return nil }
            return ServerFoundation(
                issuer: server["issuer"], salt: Secret(try server.value("salt") { (data: Data) in Array(data) }),
                signingKeys: try Row.fetchAll(database, sql: "SELECT * FROM signing_keys ORDER BY created_at, key_id").map(
                    Self.signingKey),
                refreshKeys: try Row.fetchAll(database, sql: "SELECT * FROM refresh_keys ORDER BY version").map(Self.refreshKey)
            )
        }
    }

    package func found(_ foundation: ServerFoundation, clients: [Client], roles: [Role]) async throws {
        try await write { [clock] database in
            let now = clock.now
            try database.execute(
                sql: Self.insertServer,
                arguments: ["issuer": foundation.issuer, "salt": foundation.salt.reveal { Data($0) }, "now": now.milliseconds]
            )
            guard database.changesCount > 0 else { return }
            for key in foundation.signingKeys { try Self.insert(key, into: database) }
            for key in foundation.refreshKeys { try Self.insert(key, into: database) }
            for client in clients { _ = try Self.insert(client, into: database) }
            for role in roles {
                try database.execute(
                    sql: "INSERT INTO roles (role, scope) VALUES (?, ?)", arguments: [role.name, role.scope.description])
            }
            try Self.record(AuditEntry(.keysCreated, by: .system), at: now, in: database)
        }
    }

    package func setIssuer(_ issuer: String) async throws {
        try await write { [clock] database in
            try database.execute(sql: "UPDATE server SET issuer = ?", arguments: [issuer])
            try Self.record(AuditEntry(.issuerChanged, by: .admin, detail: issuer), at: clock.now, in: database)
        }
    }

    private static func insert(_ key: SealedSigningKey, into database: Database) throws {
        try database.execute(
            sql: insertSigningKey,
            arguments: [
                "id": key.keyID, "algorithm": key.algorithm.rawValue, "public_key": Data(key.publicKey),
                "sealed": Data(key.sealed),
                "master_key_id": key.masterKeyID, "state": key.state.rawValue, "created_at": key.createdAt.milliseconds,
            ]
        )
    }

    private static func insert(_ key: SealedRefreshKey, into database: Database) throws {
        try database.execute(
            sql: insertRefreshKey,
            arguments: [
                "version": Int64(key.version), "sealed": Data(key.sealed), "master_key_id": key.masterKeyID,
                "state": key.state.rawValue,
                "created_at": key.createdAt.milliseconds,
            ]
        )
    }

    private static func signingKey(_ row: Row) throws -> SealedSigningKey {
        SealedSigningKey(
            keyID: row["key_id"], algorithm: try row.value("algorithm") { (text: String) in SignatureAlgorithm(rawValue: text) },
            publicKey: try row.value("public_key") { (data: Data) in Array(data) },
            sealed: try row.value("sealed") { (data: Data) in Array(data) }, masterKeyID: row["master_key_id"],
            state: try row.value("state") { (text: String) in KeyState(rawValue: text) }, createdAt: try row.moment("created_at")
        )
    }

    private static func refreshKey(_ row: Row) throws -> SealedRefreshKey {
        SealedRefreshKey(
            version: try row.value("version") { (number: Int64) in UInt8(exactly: number) },
            sealed: try row.value("sealed") { (data: Data) in Array(data) }, masterKeyID: row["master_key_id"],
            state: try row.value("state") { (text: String) in KeyState(rawValue: text) }, createdAt: try row.moment("created_at")
        )
    }
}
