package import SignetTokens

/// Whether an access token is good at this moment: verified, not revoked, and its session alive, so that a revocation is seen at once.
package struct AuthenticateBearer: Sendable {
    /// Signet's own doors allow little: their clock is the issuer's.
    package static let leeway: Duration = .seconds(5)

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

    /// Who bears the token: a person from one of their sessions, or a client for itself.
    ///
    /// - Parameters:
    ///   - audience: the API that the token must name; `nil` is Signet's own, the issuer.
    ///   - scope: the scope that it must have, all of it.
    /// - Throws: ``CallerRefusal``, or a fault.
    package func callAsFunction(_ text: Secret<String>, audience: String? = nil, scope: Scope) async throws -> Bearer {
        let ring = await keys.current()
        let verified: VerifiedAccessToken
        do {
            verified = try AccessTokenRules(issuer: ring.issuer, audiences: [audience ?? ring.issuer], leeway: Self.leeway)
                .verify(text, with: ring.published, now: clock.now)
        } catch {
            throw CallerRefusal.token(error)
        }
        let token = verified.token
        let standing = try await liveSession(of: token)
        guard try await !store.isTokenRevoked(token.tokenID, keyID: verified.keyID) else { throw CallerRefusal.tokenRevoked }
        guard scope.isSubset(of: token.scope) else { throw CallerRefusal.insufficientScope(scope) }
        return Bearer(token: token, keyID: verified.keyID, standing: standing)
    }

    /// A client's own token has no session, and is good for as long as the client is registered.
    private func liveSession(of token: AccessToken) async throws -> SessionStanding? {
        guard let session = token.sessionID else {
            guard token.subject.hasSameBytes(as: token.clientID), let client = ClientID(token.clientID),
                try await store.client(client) != nil
            else { throw CallerRefusal.tokenRevoked }
            return nil
        }
        guard let user = token.userID, let standing = try await store.standing(of: session, user: user, defaults: defaults),
            standing.ending == nil
        else { throw CallerRefusal.sessionEnded }
        return standing
    }
}

/// Whoever bears an access token that is good.
package struct Bearer: Sendable {
    package let token: AccessToken
    /// The signing key of the token.
    package let keyID: String
    /// The person's session; `nil` when a client acts for itself.
    package let standing: SessionStanding?

    /// Whose revocation ends the token.
    package var subjects: Set<RevokedSubject> {
        var subjects: Set<RevokedSubject> = [.token(token.tokenID), .client(token.clientID), .key(keyID)]
        if let session = token.sessionID { subjects.insert(.session(session)) }
        return subjects
    }
}
