import Foundation
import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    private static let selectCredentials = "SELECT user_id, password_hash, disabled_at FROM users WHERE name_key = :name"
    private static let selectUser = """
        SELECT name, password_hash, disabled_at,
            (SELECT group_concat(role, ' ') FROM user_roles WHERE user_roles.user_id = users.user_id) AS roles,
            (SELECT group_concat(scope, ' ') FROM roles) AS scope_needing_role,
            (SELECT group_concat(roles.scope, ' ') FROM roles JOIN user_roles USING (role) WHERE user_roles.user_id = users.user_id)
                AS role_scope
        FROM users
        WHERE user_id = :user
        """
    private static let insertSession = """
        INSERT INTO sessions (user_id, session_id, client_id, device_name, scope, resources, amr, auth_time, address, user_agent,
            created_at, last_renewed_at, current_hash, generation, key_version, rotated_at)
        VALUES (:user, :session, :client, :device_name, :scope, :resources, :amr, :now, :address, :user_agent,
            :now, :now, :hash, 0, :key_version, :now)
        """
    private static let selectLive = """
        SELECT session_id, created_at, last_renewed_at
        FROM sessions
        WHERE user_id = :user AND client_id = :client AND ending IS NULL
        """
    private static let strengthen = "UPDATE users SET password_hash = :new WHERE user_id = :user AND password_hash = :old"

    package func credentials(of name: Username) async throws -> Credentials? {
        try await readers.read { database in
            let statement = try database.cachedStatement(sql: Self.selectCredentials)
            guard let row = try Row.fetchOne(statement, arguments: ["name": name.key]) else { return nil }
            return Credentials(
                userID: try row.identifier("user_id"), passwordHash: try Self.passwordHash(row),
                isDisabled: row["disabled_at"] as Int64? != nil
            )
        }
    }

    package func openSession(_ opening: SessionOpening) async throws -> SessionStanding {
        try await write { [clock] database in
            try opening.deadline.check()
            let now = clock.now
            try Self.checkVersion(opening.keyVersion, in: database)
            let user = try Row.fetchOne(
                database.cachedStatement(sql: Self.selectUser), arguments: ["user": opening.userID.column])
            // The password may have been changed, and the user disabled, while Argon2 was running.
            guard let user, user["disabled_at"] as Int64? == nil else { throw SignInRefusal.wrongCredentials }
            guard try Self.passwordHash(user).isSame(as: opening.verifiedHash) else { throw SignInRefusal.passwordHashChanged }
            guard let client = try Self.client(opening.clientID, in: database) else { throw SignInRefusal.unknownClient }
            let grant = try SessionGrant(
                client: client, isAuthenticated: opening.isClientAuthenticated, roles: Self.roleScope(user), scope: opening.scope,
                resource: opening.resource,
                issuer: opening.issuer
            )

            try Self.makeRoom(for: opening, with: client, at: now, in: database)
            if let replaced = opening.replaces {
                try Self.end(replaced, of: opening.userID, as: .replaced, by: .user, from: opening.origin, at: now, in: database)
            }
            try database.cachedStatement(sql: Self.insertSession).execute(arguments: [
                "user": opening.userID.column, "session": opening.sessionID.column, "client": opening.clientID.description,
                "device_name": opening.deviceName?.description, "scope": grant.scope.description,
                "resources": grant.resources.column,
                "amr": opening.authenticationMethods.column, "now": now.milliseconds, "address": opening.keptOrigin.address,
                "user_agent": opening.keptOrigin.userAgent, "hash": opening.firstToken.column,
                "key_version": Int64(opening.keyVersion),
            ])
            let entry = AuditEntry(
                .sessionOpened, by: .user, userID: opening.userID, sessionID: opening.sessionID, clientID: opening.clientID,
                origin: opening.origin
            )
            try Self.record(entry, at: now, in: database)
            return try Self.existingStanding(
                of: opening.sessionID, user: opening.userID, defaults: opening.defaults, now: now, in: database)
        }
    }

    package func strengthenPasswordHash(of user: UserID, from old: PasswordHash, to new: PasswordHash) async throws {
        try await write { database in
            try database.execute(
                sql: Self.strengthen,
                arguments: ["user": user.column, "old": old.text.reveal { String($0) }, "new": new.text.reveal { String($0) }]
            )
        }
    }

    /// Ends what must end so that one more session does not exceed the client's limit.
    private static func makeRoom(
        for opening: SessionOpening, with client: Client, at now: UnixTime, in database: Database
    ) throws {
        guard let limit = client.policy.sessionLimit else { return }
        let lifetimes = client.policy(with: opening.defaults).renewal
        let rows = try Row.fetchAll(
            database.cachedStatement(sql: selectLive),
            arguments: ["user": opening.userID.column, "client": client.id.description])
        let live = try rows.compactMap { row -> LiveSession? in
            let session = LiveSession(id: try row.identifier("session_id"), lastRenewedAt: try row.moment("last_renewed_at"))
            let expiry = lifetimes.expiry(
                createdAt: try row.moment("created_at"), lastRenewedAt: session.lastRenewedAt, at: now)
            return expiry == nil && session.id != opening.replaces ? session : nil
        }
        for session in try limit.evicted(from: live) {
            try end(session, of: opening.userID, as: .evicted, by: .system, from: opening.origin, at: now, in: database)
        }
    }

    private static func passwordHash(_ row: Row) throws -> PasswordHash {
        try row.value("password_hash") { (text: String) in PasswordHash(phc: Secret(text)) }
    }

    private static func roleScope(_ row: Row) throws -> RoleScope {
        guard let needing = Scope(row["scope_needing_role"] as String? ?? ""),
            let allowed = Scope(row["role_scope"] as String? ?? "")
        else {
            throw DamagedColumn(name: "roles")
        }
        return RoleScope(needingRole: needing, allowed: allowed)
    }
}
