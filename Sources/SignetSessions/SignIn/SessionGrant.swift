package import SignetTokens

/// What a new session is good for: a pure function of what the client may have, what the user's roles allow, and what was asked.
package struct SessionGrant: Hashable, Sendable {
    /// The scopes granted.
    package let scope: Scope
    /// The APIs granted, in the client's order; the first is the default audience.
    package let resources: [String]

    /// - Throws: ``SignInRefusal``: a client that has not proved who it is, a scope that the client is not registered for, an API that it may not ask for, or no API at all.
    package init(
        client: Client, isAuthenticated: Bool, roles: RoleScope, scope: Scope?, resource: String?, issuer: String
    ) throws(SignInRefusal) {
        guard isAuthenticated || !client.isConfidential else { throw .clientAuthentication }
        guard client.isFirstParty, client.grants.contains(.passwordSignIn) else { throw .clientMayNot }
        let asked = scope ?? client.defaultScope
        guard asked.isSubset(of: client.scope) else { throw .scope }
        self.scope = roles.granted(of: asked)

        // A first-party client's tokens are good for Signet's own API besides.
        let allowed = client.resources + (client.isFirstParty ? [issuer] : [])
        if let resource {
            guard allowed.contains(where: { $0.hasSameBytes(as: resource) }) else { throw .resource }
            resources = client.isFirstParty && !resource.hasSameBytes(as: issuer) ? [resource, issuer] : [resource]
        } else {
            guard !allowed.isEmpty else { throw .resource }
            resources = allowed
        }
    }
}
