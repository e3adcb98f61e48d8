package import SignetTokens

/// A client gives a token back (RFC 7009).
package struct RevokeToken: Sendable {
    private let store: any SessionStore
    private let keys: KeyRing

    package init(store: any SessionStore, keys: KeyRing) {
        self.store = store
        self.keys = keys
    }

    /// Ends the session of a refresh token, of an older generation too; a text that is no token of ours is nothing to revoke.
    /// - Throws: ``RevocationRefusal``, or a fault.
    package func callAsFunction(_ text: Secret<String>, client: ClientID?, origin: Origin) async throws {
        guard let token = RefreshToken(parsing: text) else {
            if text.reveal({ (try? CompactJWS(parsing: $0.utf8)) != nil }) { throw RevocationRefusal.unsupportedTokenType }
            return
        }
        guard try await keys.holding(refreshKey: token.keyVersion).isGenuine(token) else { return }
        let outcome = try await store.revokeSession(
            SessionRevocation(
                sessionID: token.sessionID, userID: token.userID, clientID: client, ending: .signedOut, actor: .user,
                origin: origin
            )
        )
        if outcome == .otherClient { throw RevocationRefusal.otherClient }
    }
}

/// Why a token is not revoked.
package enum RevocationRefusal: Refusal, Equatable {
    /// A genuine token of another client (RFC 7009, section 2.1).
    case otherClient
    /// A kind of token that cannot be revoked here (RFC 7009, section 2.2.1).
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
        case .unsupportedTokenType:
            "Only refresh tokens can be revoked here; an access token ends with its session or when it expires."
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
