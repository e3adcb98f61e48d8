package import SignetTokens

/// A client gives a token back (RFC 7009): a refresh token ends its session, an access token ends itself alone.
package struct RevokeToken: Sendable {
    private let store: any SessionStore
    private let keys: KeyRing

    package init(store: any SessionStore, keys: KeyRing) {
        self.store = store
        self.keys = keys
    }

    /// Ends what the token stands for; a text that is no token of ours is nothing to revoke.
    ///
    /// - Parameters:
    ///   - client: the client that was named; `nil` when none was, which a public client may do.
    ///   - isAuthenticated: whether that client proved who it is.
    /// - Throws: ``RevocationRefusal``, ``ClientAuthenticationFailed``, or a fault.
    package func callAsFunction(
        _ text: Secret<String>, client: ClientID?, isAuthenticated: Bool = false, origin: Origin
    ) async throws {
        if let token = RefreshToken(parsing: text) {
            // Also of an older generation: whoever has it means this session.
            guard try await keys.holding(refreshKey: token.keyVersion).isGenuine(token) else { return }
            let outcome = try await store.revokeSession(
                SessionRevocation(
                    sessionID: token.sessionID, userID: token.userID, clientID: client, isAuthenticated: isAuthenticated,
                    ending: .signedOut, actor: .user, origin: origin
                )
            )
            switch outcome {
            case .revoked, .hadEnded, .unknown: return
            case .otherClient: throw RevocationRefusal.otherClient
            case .unauthenticated: throw ClientAuthenticationFailed(isFromHeader: false)
            }
        }
        try await revokeAccessToken(text, client: client, isAuthenticated: isAuthenticated, origin: origin)
    }

    private func revokeAccessToken(_ text: Secret<String>, client: ClientID?, isAuthenticated: Bool, origin: Origin) async throws
    {
        let ring = await keys.current()
        let rules = AccessTokenRules(issuer: ring.issuer, audiences: [])
        let token: AccessToken
        do {
            token = try rules.verifyOrigin(text, with: ring.everKnown)
        } catch .wrongType {
            // An id token, or an event: never revocable (section 2.2.1).
            throw RevocationRefusal.unsupportedTokenType
        } catch {
            return
        }
        guard let owner = ClientID(token.clientID), client == nil || client == owner else { throw RevocationRefusal.otherClient }
        if let owner = try await store.client(owner), owner.isConfidential, !isAuthenticated {
            throw ClientAuthenticationFailed(isFromHeader: false)
        }
        _ = try await store.revokeToken(
            TokenRevocation(token: token, actor: token.userID == nil ? .system : .user, origin: origin))
    }
}

/// Why a token is not revoked.
package enum RevocationRefusal: Refusal, Equatable {
    /// A genuine token of another client (RFC 7009, section 2.1).
    case otherClient
    /// A kind of token that cannot be revoked at all (RFC 7009, section 2.2.1).
    case unsupportedTokenType

    package var code: RefusalCode {
        switch self {
        case .otherClient: .invalidGrant
        case .unsupportedTokenType: .unsupportedTokenType
        }
    }

    package var sentence: String {
        switch self {
        case .otherClient: "This token was issued to another client."
        case .unsupportedTokenType: "Only refresh tokens and access tokens can be revoked."
        }
    }

    package var reason: String {
        switch self {
        case .otherClient: "mismatch"
        case .unsupportedTokenType: "unsupported_token_type"
        }
    }

    package var tellsReason: Bool { false }
}
