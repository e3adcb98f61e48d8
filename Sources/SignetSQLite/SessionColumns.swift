import Foundation
import GRDB
import SignetSessions
import SignetTokens

/// How a session is read together with its user, the user's roles and its client, in one statement.
enum SessionColumns {
    static let select = """
        SELECT sessions.*, users.name AS user_name, users.disabled_at, clients.name AS client_name, clients.is_first_party,
            clients.is_confidential, clients.is_resource_server, clients.grants, clients.scope AS client_scope,
            clients.default_scope, clients.resources AS client_resources, clients.redirect_uris,
            clients.rotates, clients.window, clients.access_lifetime, clients.idle_lifetime, clients.absolute_lifetime,
            clients.session_limit, clients.session_limit_refuses,
            clients.created_at AS client_created_at, clients.removed_at,
            (SELECT issuer FROM server) AS issuer,
            (SELECT group_concat(role, ' ') FROM user_roles WHERE user_roles.user_id = sessions.user_id) AS roles,
            (SELECT group_concat(scope, ' ') FROM roles) AS scope_needing_role,
            (SELECT group_concat(roles.scope, ' ') FROM roles JOIN user_roles USING (role) WHERE user_roles.user_id = sessions.user_id)
                AS role_scope
        FROM sessions JOIN users USING (user_id) JOIN clients USING (client_id)
        """

    static let bySession = select + " WHERE sessions.user_id = :user AND sessions.session_id = :session"

    /// The session as it stands, with lifetimes, a disabled user and a removed client seen as its end.
    static func standing(_ row: Row, defaults: PolicyDefaults, now: UnixTime) throws -> SessionStanding {
        let client = try ClientColumns.client(
            row, name: "client_name", scope: "client_scope", resources: "client_resources", createdAt: "client_created_at"
        )
        var session = try session(row)
        let issuer = try row.value("issuer") { (text: String) in text }
        session.row.resources = client.stillRegistered(session.row.resources, issuer: issuer)
        let (createdAt, lastRenewedAt) = (session.row.createdAt, session.row.lastRenewedAt)
        let policy = client.policy(with: defaults).renewal
        let ending =
            session.row.ending ?? policy.expiry(createdAt: createdAt, lastRenewedAt: lastRenewedAt, at: now)
        return SessionStanding(
            session: session, username: try row.value("user_name") { (name: String) in name },
            roles: (row["roles"] as String? ?? "").split(separator: " ").map(String.init).sorted(),
            roleScope: RoleScope(needingRole: try scope(row, "scope_needing_role"), allowed: try scope(row, "role_scope")),
            client: client, ending: ending,
            endedAt: try ending.flatMap { try endedAt(row, $0, session.row, policy) },
            now: now
        )
    }

    /// When the session ended, by what it was that ended it.
    private static func endedAt(
        _ row: Row, _ ending: SessionEnd, _ session: SessionRow, _ policy: RenewalPolicy
    ) throws -> UnixTime? {
        if let endedAt = try row.optionalMoment("ended_at") { return endedAt }
        return switch ending {
        case .userDisabled: try row.optionalMoment("disabled_at")
        case .clientRemoved: try row.optionalMoment("removed_at")
        case .idleExpired: policy.idleLifetime.map(session.lastRenewedAt.advanced)
        case .expired: policy.absoluteLifetime.map(session.createdAt.advanced)
        default: nil
        }
    }

    private static func session(_ row: Row) throws -> Session {
        Session(
            id: try row.identifier("session_id"), userID: try row.identifier("user_id"),
            deviceName: try row.optional("device_name") { (text: String) in DeviceName(text) },
            origin: Origin(address: row["address"], userAgent: row["user_agent"]), authenticatedAt: try row.moment("auth_time"),
            authenticationMethods: try row.strings("amr"), row: try sessionRow(row)
        )
    }

    private static func sessionRow(_ row: Row) throws -> SessionRow {
        var ending = try row.optional("ending") { (text: String) in SessionEnd(rawValue: text) }
        if ending == nil, row["disabled_at"] as Int64? != nil { ending = .userDisabled }
        if ending == nil, row["removed_at"] as Int64? != nil { ending = .clientRemoved }
        return SessionRow(
            current: try row.value("current_hash") { (data: Data) in TokenHash(bytes: Array(data)) },
            previous: try row.optional("previous_hash") { (data: Data) in TokenHash(bytes: Array(data)) },
            generation: try row.value("generation") { (number: Int64) in UInt32(exactly: number) },
            keyVersion: try row.value("key_version") { (number: Int64) in UInt8(exactly: number) },
            rotatedAt: try row.moment("rotated_at"),
            rotationKey: try row.optional("rotation_key") { (data: Data) in IdempotencyKeyHash(bytes: Array(data)) },
            rotationNonce: try row.optional("rotation_nonce") { (data: Data) in RequestNonce(bytes: Array(data)) },
            recoveredIn: try row.optional("recovered_in") { (data: Data) in RecoveryID(bytes: data) },
            clientID: try row.value("client_id") { (text: String) in ClientID(text) }, scope: try scope(row, "scope"),
            resources: try row.strings("resources"), createdAt: try row.moment("created_at"),
            lastRenewedAt: try row.moment("last_renewed_at"), ending: ending
        )
    }

    private static func scope(_ row: Row, _ name: String) throws -> Scope {
        guard let scope = Scope(row[name] as String? ?? "") else { throw DamagedColumn(name: name) }
        return scope
    }
}
