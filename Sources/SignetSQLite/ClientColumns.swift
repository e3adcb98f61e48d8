import GRDB
import SignetSessions
import SignetTokens

/// How a client is read, alone or joined to a session, where its columns have other names.
enum ClientColumns {
    static func client(
        _ row: Row, name: String = "name", scope: String = "scope", resources: String = "resources",
        createdAt: String = "created_at"
    ) throws -> Client {
        Client(
            id: try row.value("client_id") { (text: String) in ClientID(text) },
            name: try row.value(name) { (text: String) in text }, isFirstParty: row["is_first_party"],
            isConfidential: row["is_confidential"], isResourceServer: row["is_resource_server"],
            grants: Set(try row.strings("grants").compactMap(GrantType.init)),
            scope: try row.value(scope) { (text: String) in Scope(text) },
            defaultScope: try row.value("default_scope") { (text: String) in Scope(text) }, resources: try row.strings(resources),
            redirectURIs: try row.strings("redirect_uris"), policy: try policy(row), createdAt: try row.moment(createdAt)
        )
    }

    static func arguments(_ client: Client) -> StatementArguments {
        [
            "id": client.id.description, "name": client.name, "first_party": client.isFirstParty,
            "confidential": client.isConfidential,
            "resource_server": client.isResourceServer,
            "grants": client.grants.map(\.rawValue).sorted().column, "scope": client.scope.description,
            "default_scope": client.defaultScope.description, "resources": client.resources.column,
            "redirect_uris": client.redirectURIs.column, "rotates": client.policy.rotates,
            "window": client.policy.window?.wholeMilliseconds, "access_lifetime": client.policy.accessLifetime?.wholeMilliseconds,
            "idle_lifetime": client.policy.idleLifetime?.column, "absolute_lifetime": client.policy.absoluteLifetime?.column,
            "session_limit": client.policy.sessionLimit?.count,
            "session_limit_refuses": client.policy.sessionLimit?.whenReached == .refuse,
            "created_at": client.createdAt.milliseconds,
        ]
    }

    static func policy(_ row: Row) throws -> ClientPolicy {
        ClientPolicy(
            rotates: row["rotates"], window: try row.optional("window") { (number: Int64) in Duration.milliseconds(number) },
            accessLifetime: try row.optional("access_lifetime") { (number: Int64) in Duration.milliseconds(number) },
            idleLifetime: try row.optional("idle_lifetime") { (number: Int64) in Lifetime(column: number) },
            absoluteLifetime: try row.optional("absolute_lifetime") { (number: Int64) in Lifetime(column: number) },
            sessionLimit: try row.optional("session_limit") { (count: Int) in
                SessionLimit(count: count, whenReached: row["session_limit_refuses"] ? .refuse : .evict)
            }
        )
    }
}
