package import SignetTokens

/// A confidential client acts for itself (RFC 6749, section 4.4): an access token without a session, and no refresh token.
package struct IssueClientToken: Sendable {
    /// The scope with which a bearer reads the revocation feed.
    package static let feedScope = "revocations:read"

    private let keys: KeyRing
    private let defaults: PolicyDefaults
    private let clock: any WallClock
    private let randomBytes: RandomBytes

    package init(keys: KeyRing, defaults: PolicyDefaults, clock: any WallClock, randomBytes: @escaping RandomBytes) {
        self.keys = keys
        self.defaults = defaults
        self.clock = clock
        self.randomBytes = randomBytes
    }

    /// An access token for the client itself.
    ///
    /// - Parameters:
    ///   - client: a client that has proved who it is.
    ///   - scope: what it asks for; `nil` is its default.
    ///   - resources: the APIs it asks for; none is the first that it is registered for.
    /// - Throws: ``ClientTokenRefusal``, or a fault.
    package func callAsFunction(for client: Client, scope: Scope?, resources: [String]) async throws -> ClientToken {
        guard client.grants.contains(.clientCredentials) else { throw ClientTokenRefusal.mayNot }
        let scope = scope ?? client.defaultScope
        guard scope.isSubset(of: client.scope) else { throw ClientTokenRefusal.scope }
        let ring = await keys.current()
        // Signet's own doors want the issuer in `aud`, the feed's too.
        let ownDoors = client.isFirstParty || client.scope.contains(Self.feedScope) ? [ring.issuer] : []
        let allowed = client.resources + ownDoors
        guard resources.allSatisfy({ asked in allowed.contains { $0.hasSameBytes(as: asked) } }) else {
            throw ClientTokenRefusal.resource
        }
        let audience = resources.isEmpty ? Array(allowed.prefix(1)) : resources
        guard !audience.isEmpty else { throw ClientTokenRefusal.resource }

        let lifetime = client.policy(with: defaults).accessLifetime
        let issuedAt = UnixTime(seconds: clock.now.seconds)
        let token = AccessToken(
            issuer: ring.issuer, subject: client.id.description, audience: audience, clientID: client.id.description,
            issuedAt: issuedAt,
            expiresAt: issuedAt.advanced(by: lifetime), tokenID: TokenID.random(randomBytes).description, scope: scope
        )
        return ClientToken(accessToken: try token.signed(with: ring.signingKey), expiresIn: lifetime, scope: scope)
    }
}

/// What a client's own token request is answered with.
package struct ClientToken: Sendable {
    package let accessToken: Secret<String>
    package let expiresIn: Duration
    package let scope: Scope
}

/// Why a client gets no token of its own.
package enum ClientTokenRefusal: Refusal, Equatable {
    case mayNot, scope, resource

    package var code: RefusalCode {
        switch self {
        case .mayNot: .unauthorizedClient
        case .scope: .invalidScope
        case .resource: .invalidTarget
        }
    }

    package var sentence: String {
        switch self {
        case .mayNot: "This client is not registered for the grant client_credentials."
        case .scope: "The client is not registered for this scope."
        case .resource: "The client is not registered for this resource; register one with --resource."
        }
    }

    package var reason: String { code.rawValue }

    package var tellsReason: Bool { false }
}
