package import SignetTokens

/// Makes a session's access token; lifetimes count from the moment of the transaction that allowed it, never from that of signing.
package struct IssueAccessToken: Sendable {
    private let defaults: PolicyDefaults
    private let randomBytes: RandomBytes

    package init(defaults: PolicyDefaults, randomBytes: @escaping RandomBytes) {
        self.defaults = defaults
        self.randomBytes = randomBytes
    }

    /// An access token, and the refresh token beside it.
    ///
    /// - Parameters:
    ///   - scope: a narrower scope for this access token; `nil` is all that was granted.
    ///   - resources: fewer APIs for this access token; none is the default one.
    package func pair(
        for standing: SessionStanding, refreshToken: RefreshToken, ring: KeyRing.Snapshot, scope: Scope? = nil,
        resources: [String] = []
    ) throws -> TokenPair {
        let session = standing.session
        let policy = standing.client.policy(with: defaults)
        // What the client or the user's roles have lost since the sign-in is not granted any more.
        let granted = standing.roleScope.granted(of: (scope ?? session.row.scope).intersection(standing.client.scope))
        let issuedAt = UnixTime(seconds: standing.now.seconds)
        let token = AccessToken(
            issuer: ring.issuer, subject: session.userID.description,
            audience: audience(of: session, client: standing.client, asked: resources, issuer: ring.issuer),
            clientID: session.row.clientID.description, issuedAt: issuedAt,
            expiresAt: issuedAt.advanced(by: policy.accessLifetime),
            tokenID: TokenID.random(randomBytes).description, sessionID: session.id, scope: granted,
            authenticatedAt: session.authenticatedAt,
            authenticationMethods: session.authenticationMethods, roles: standing.roles
        )
        let ends = policy.renewal.expiresAt(createdAt: session.row.createdAt, lastRenewedAt: session.row.lastRenewedAt)
        return TokenPair(
            accessToken: try token.signed(with: ring.signingKey), expiresIn: policy.accessLifetime,
            refreshToken: standing.client.grants.contains(.refreshToken) ? refreshToken.text : nil,
            refreshTokenExpiresIn: ends.map(standing.now.duration(to:)), scope: granted, userID: session.userID,
            sessionID: session.id
        )
    }

    /// The APIs asked for, or the first one granted; a first-party client's tokens name the issuer besides.
    private func audience(of session: Session, client: Client, asked: [String], issuer: String) -> [String] {
        let chosen = asked.isEmpty ? Array(session.row.resources.prefix(1)) : asked
        let isNamed = chosen.contains { $0.hasSameBytes(as: issuer) }
        return client.isFirstParty && !isNamed ? chosen + [issuer] : chosen
    }
}

/// What a sign-in and a renewal answer with.
package struct TokenPair: Sendable {
    package let accessToken: Secret<String>
    /// How long the access token lives.
    package let expiresIn: Duration
    /// `nil` when the client is not registered for refresh tokens.
    package let refreshToken: Secret<String>?
    /// How long the session lives if it is not renewed; `nil` is for ever.
    package let refreshTokenExpiresIn: Duration?
    package let scope: Scope
    package let userID: UserID
    package let sessionID: SessionID
}
