package import SignetTokens

/// What a token is worth at this moment, for an API that asks (RFC 7662): revocations are seen at once.
package struct Introspect: Sendable {
    private let store: any SessionStore
    private let keys: KeyRing
    private let defaults: PolicyDefaults
    private let clock: any WallClock

    package init(store: any SessionStore, keys: KeyRing, defaults: PolicyDefaults, clock: any WallClock) {
        self.store = store
        self.keys = keys
        self.defaults = defaults
        self.clock = clock
    }

    /// What the token says, when it is good and the caller may know it; `nil` in every other case, whatever the reason (section 2.2).
    ///
    /// - Parameter caller: a client that has proved who it is. A resource server sees the access tokens for its own resources, any client
    ///   its own tokens.
    /// - Throws: a fault.
    package func callAsFunction(_ text: Secret<String>, for caller: Client) async throws -> JSONObject? {
        if let token = RefreshToken(parsing: text) { return try await refreshToken(token, for: caller) }
        let ring = await keys.current()
        let audiences = caller.isResourceServer ? caller.resources : []
        guard let named = try? AccessTokenRules(issuer: ring.issuer, audiences: []).verifyOrigin(text, with: ring.published)
        else { return nil }
        let isOwn = named.clientID == caller.id.description
        let rules = AccessTokenRules(
            issuer: ring.issuer, audiences: isOwn ? named.audience : audiences, leeway: AuthenticateBearer.leeway
        )
        guard let verified = try? rules.verify(text, with: ring.published, now: clock.now),
            try await !store.isTokenRevoked(verified.token.tokenID, keyID: verified.keyID)
        else { return nil }
        return try await describe(verified.token)
    }

    private func describe(_ token: AccessToken) async throws -> JSONObject? {
        var answer = JSONObject()
        answer["active"] = true
        for member in token.claims.members { answer[member.name] = member.value }
        answer["token_type"] = "Bearer"
        guard let session = token.sessionID else {
            // A client's own token lives as long as the client.
            guard let client = ClientID(token.clientID), try await store.client(client) != nil else { return nil }
            return answer
        }
        guard let user = token.userID, let standing = try await store.standing(of: session, user: user, defaults: defaults),
            standing.ending == nil
        else { return nil }
        answer["username"] = .string(standing.username)
        return answer
    }

    /// Without `token_type`, so that no API takes it for an access token.
    private func refreshToken(_ token: RefreshToken, for caller: Client) async throws -> JSONObject? {
        guard try await keys.holding(refreshKey: token.keyVersion).isGenuine(token),
            let standing = try await store.standing(of: token.sessionID, user: token.userID, defaults: defaults),
            standing.ending == nil,
            standing.client.id == caller.id, standing.session.row.current == token.hash
        else { return nil }
        let row = standing.session.row
        var answer = JSONObject()
        answer["active"] = true
        answer["token_use"] = "refresh_token"
        answer["client_id"] = .string(caller.id.description)
        answer["sub"] = .string(token.userID.description)
        answer["sid"] = .string(token.sessionID.description)
        answer["scope"] = .string(row.scope.description)
        answer["username"] = .string(standing.username)
        let ends = standing.client.policy(with: defaults).renewal.expiresAt(
            createdAt: row.createdAt, lastRenewedAt: row.lastRenewedAt)
        answer["exp"] = ends.map { .integer($0.seconds) }
        return answer
    }
}
