package import SignetTokens

/// An OAuth client: an app that signs people in.
package struct Client: Sendable {
    /// Its `client_id`.
    package let id: ClientID
    /// What people call it.
    package var name: String
    /// Whether it is ours: only such a client signs people in by password, and its tokens are good for Signet's own API.
    package let isFirstParty: Bool
    /// Whether it has a secret, and must prove who it is.
    package let isConfidential: Bool
    /// Whether it is an API that introspects the tokens for its resources and reads the revocation feed.
    package let isResourceServer: Bool
    /// What it may do at the token endpoint.
    package let grants: Set<GrantType>
    /// Every scope that it may ask for.
    package var scope: Scope
    /// What it gets when it asks for none.
    package var defaultScope: Scope
    /// The APIs that it may ask for; the first is the default.
    package var resources: [String]
    /// Where a browser may be sent back to.
    package var redirectURIs: [String]
    /// How its sessions renew; what it leaves open is the server's to say.
    package var policy: ClientPolicy
    /// When it was registered.
    package let createdAt: UnixTime

    package init(
        id: ClientID, name: String, isFirstParty: Bool, isConfidential: Bool = false, isResourceServer: Bool = false,
        grants: Set<GrantType>, scope: Scope, defaultScope: Scope,
        resources: [String] = [], redirectURIs: [String] = [], policy: ClientPolicy = ClientPolicy(), createdAt: UnixTime
    ) {
        self.id = id
        self.name = name
        self.isFirstParty = isFirstParty
        self.isConfidential = isConfidential
        self.isResourceServer = isResourceServer
        self.grants = grants
        self.scope = scope
        self.defaultScope = defaultScope
        self.resources = resources
        self.redirectURIs = redirectURIs
        self.policy = policy
        self.createdAt = createdAt
    }

    /// The policy that holds for its sessions, with the server's defaults filled in.
    package func policy(with defaults: PolicyDefaults) -> ResolvedPolicy {
        var resolved = policy.resolved(with: defaults)
        resolved.renewal.isAllowed = grants.contains(.refreshToken)
        resolved.renewal.requiresAuthentication = isConfidential
        return resolved
    }

    /// Those of the APIs granted to a session that the client may still ask for; Signet's own stays with a first-party client.
    package func stillRegistered(_ granted: [String], issuer: String) -> [String] {
        let allowed = resources + (isFirstParty ? [issuer] : [])
        return granted.filter { resource in allowed.contains { $0.hasSameBytes(as: resource) } }
    }

    /// The clients that every server has: password sign-in, the command line, and the browser's own session.
    package static func builtIn(createdAt: UnixTime) -> [Client] {
        let names: [(ClientID, String)] = [
            (.signet, "Signet"), (.signetCLI, "Signet on the command line"), (.signetBrowser, "Signet in the browser"),
        ]
        return names.map { id, name in
            Client(
                id: id, name: name, isFirstParty: true, grants: [.passwordSignIn, .refreshToken], scope: "account admin",
                defaultScope: "account",
                createdAt: createdAt
            )
        }
    }
}

extension ClientID {
    /// Whether every server has this client.
    package var isBuiltIn: Bool { [.signet, .signetCLI, .signetBrowser].contains(self) }
}

/// What a client may do.
package enum GrantType: String, CaseIterable, Sendable {
    /// Sign a person in by password at `POST /v1/sessions`; it is not OAuth's password grant, which Signet does not have.
    case passwordSignIn = "password_sign_in"
    case refreshToken = "refresh_token"
    case authorizationCode = "authorization_code"
    case clientCredentials = "client_credentials"
}
