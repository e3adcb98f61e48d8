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
    private static let saveSigningKey = """
        INSERT INTO signing_keys (key_id, algorithm, public_key, sealed, master_key_id, created_at, activates_at, revoked_at)
        VALUES (:id, :algorithm, :public_key, :sealed, :master_key_id, :created_at, :activates_at, :revoked_at)
        ON CONFLICT (key_id) DO UPDATE
        SET sealed = :sealed, master_key_id = :master_key_id, activates_at = :activates_at, revoked_at = :revoked_at
        """
    private static let saveRefreshKey = """
        INSERT INTO refresh_keys (version, sealed, master_key_id, created_at, activates_at, revoked_at)
        VALUES (:version, :sealed, :master_key_id, :created_at, :activates_at, :revoked_at)
        ON CONFLICT (version) DO UPDATE
        SET sealed = :sealed, master_key_id = :master_key_id, activates_at = :activates_at, revoked_at = :revoked_at
        """
    private static let advanceRevision = """
        UPDATE server
        SET keys_revision = keys_revision + 1
        WHERE keys_revision = :basis
        """
    private static let selectRevokedVersion = """
        SELECT 1
        FROM refresh_keys
        WHERE version = :version AND revoked_at IS NOT NULL
        """
    private static let selectUnderVersion = """
        SELECT user_id, session_id
        FROM sessions
        WHERE key_version = :version AND ending IS NULL
        ORDER BY user_id, session_id
        """

    package func foundation() async throws -> ServerFoundation? {
        try await readers.read { database in
            guard let server = try Row.fetchOne(database, sql: "SELECT issuer, salt, keys_revision FROM server") else {
                return nil
            }
            return ServerFoundation(
                issuer: server["issuer"], salt: Secret(try server.value("salt") { (data: Data) in Array(data) }),
                signingKeys: try Row.fetchAll(database, sql: "SELECT * FROM signing_keys ORDER BY created_at, key_id").map(
                    Self.signingKey),
                refreshKeys: try Row.fetchAll(database, sql: "SELECT * FROM refresh_keys ORDER BY version").map(Self.refreshKey),
                revision: server["keys_revision"]
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
            for key in foundation.signingKeys { try Self.save(key, in: database) }
            for key in foundation.refreshKeys { try Self.save(key, in: database) }
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

    package func changeKeys(_ change: KeyChange) async throws -> Int {
        try await write { [clock] database in
            let now = clock.now
            try database.execute(sql: Self.advanceRevision, arguments: ["basis": change.basis])
            guard database.changesCount > 0 else { throw KeysChanged() }
            for key in change.signingKeys { try Self.save(key, in: database) }
            for key in change.refreshKeys { try Self.save(key, in: database) }
            if let keyID = change.revokedKeyID {
                try Self.log(.key(keyID), by: change.entry.actor, reason: "key_revoked", at: now, in: database)
            }
            try Self.record(change.entry, at: now, in: database)
            guard let version = change.revokedVersion else { return 0 }
            return try Self.endSessions(under: version, by: change.entry.actor, at: now, in: database)
        }
    }

    /// - Throws: ``RefreshKeyRevoked`` when no token may be made under this version any more.
    static func checkVersion(_ version: UInt8, in database: Database) throws {
        let statement = try database.cachedStatement(sql: selectRevokedVersion)
        guard try Row.fetchOne(statement, arguments: ["version": Int64(version)]) == nil else { throw RefreshKeyRevoked() }
    }

    package func keysRevision() async throws -> Int64 {
        try await readers.read { try Int64.fetchOne($0, sql: "SELECT keys_revision FROM server") ?? 0 }
    }

    private static func endSessions(
        under version: UInt8, by actor: SignetSessions.Actor, at now: UnixTime, in database: Database
    ) throws -> Int {
        let rows = try Row.fetchAll(database, sql: selectUnderVersion, arguments: ["version": Int64(version)])
        return try rows.count { row in
            try end(
                row.identifier("session_id"), of: row.identifier("user_id"), as: .revokedByAdmin, by: actor, from: .unknown,
                at: now, in: database)
        }
    }

    private static func save(_ key: SealedSigningKey, in database: Database) throws {
        try database.execute(
            sql: saveSigningKey,
            arguments: [
                "id": key.keyID, "algorithm": key.algorithm.rawValue, "public_key": Data(key.publicKey),
                "sealed": Data(key.sealed), "master_key_id": key.masterKeyID, "created_at": key.createdAt.milliseconds,
                "activates_at": key.activatesAt?.milliseconds, "revoked_at": key.revokedAt?.milliseconds,
            ]
        )
    }

    private static func save(_ key: SealedRefreshKey, in database: Database) throws {
        try database.execute(
            sql: saveRefreshKey,
            arguments: [
                "version": Int64(key.version), "sealed": Data(key.sealed), "master_key_id": key.masterKeyID,
                "created_at": key.createdAt.milliseconds, "activates_at": key.activatesAt?.milliseconds,
                "revoked_at": key.revokedAt?.milliseconds,
            ]
        )
    }

    private static func signingKey(_ row: Row) throws -> SealedSigningKey {
        SealedSigningKey(
            keyID: row["key_id"], algorithm: try row.value("algorithm") { (text: String) in SignatureAlgorithm(rawValue: text) },
            publicKey: try row.value("public_key") { (data: Data) in Array(data) },
            sealed: try row.value("sealed") { (data: Data) in Array(data) }, masterKeyID: row["master_key_id"],
            createdAt: try row.moment("created_at"), activatesAt: try row.optionalMoment("activates_at"),
            revokedAt: try row.optionalMoment("revoked_at")
        )
    }

    private static func refreshKey(_ row: Row) throws -> SealedRefreshKey {
        SealedRefreshKey(
            version: try row.value("version") { (number: Int64) in UInt8(exactly: number) },
            sealed: try row.value("sealed") { (data: Data) in Array(data) }, masterKeyID: row["master_key_id"],
            createdAt: try row.moment("created_at"), activatesAt: try row.optionalMoment("activates_at"),
            revokedAt: try row.optionalMoment("revoked_at")
        )
    }
}
