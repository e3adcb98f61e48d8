package import SignetTokens

/// Who calls one of Signet's own doors: the access token is verified, and its session looked up, so that a revocation is seen at once.
package struct AuthenticateCaller: Sendable {
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

    /// The caller.
    ///
    /// - Parameters:
    ///   - audience: the API that the token must name; `nil` is Signet's own, the issuer.
    ///   - scope: the scope that it must have, all of it.
    /// - Throws: ``CallerRefusal``, or a fault.
    package func callAsFunction(_ text: Secret<String>, audience: String? = nil, scope: Scope) async throws -> Caller {
        let ring = await keys.current()
        let token: AccessToken
        do {
            token = try AccessTokenRules(issuer: ring.issuer, audiences: [audience ?? ring.issuer], leeway: Self.leeway)
                .verify(text, with: ring.published, now: clock.now).token
        } catch {
            throw CallerRefusal.token(error)
        }
        // Signet's own doors are for people: a client's own token has no session, and is turned away.
        guard let user = token.userID, let session = token.sessionID,
            let standing = try await store.standing(of: session, user: user, defaults: defaults), standing.ending == nil,
            try await !store.isTokenRevoked(token.tokenID)
        else { throw CallerRefusal.sessionEnded }
        guard scope.isSubset(of: token.scope) else { throw CallerRefusal.insufficientScope(scope) }
        return Caller(token: token, userID: user, sessionID: session, standing: standing)
    }
}

/// A caller whose access token is good, and whose session lives.
package struct Caller: Sendable {
    package let token: AccessToken
    package let userID: UserID
    package let sessionID: SessionID
    package let standing: SessionStanding
}

/// Why a caller is turned away (RFC 6750, section 3.1).
package enum CallerRefusal: Refusal, Equatable {
    /// No credentials were sent.
    case noToken
    /// The `Authorization` header is not one.
    case malformedHeader
    case token(TokenError)
    case sessionEnded
    case insufficientScope(Scope)

    package var code: RefusalCode {
        switch self {
        case .malformedHeader: .invalidRequest
        case .noToken, .token, .sessionEnded: .invalidToken
        case .insufficientScope: .insufficientScope
        }
    }

    package var sentence: String {
        switch self {
        case .noToken: "This needs an access token; send it as Authorization: Bearer."
        case .malformedHeader: "Send the access token once, in one Authorization header of the form Bearer and one token."
        case .token(let error): error.challengeDescription
        case .sessionEnded: "The session has ended; sign in again."
        case .insufficientScope: "The access token does not have the scope that this needs."
        }
    }

    package var reason: String {
        switch self {
        case .noToken: "no_token"
        case .malformedHeader: "malformed_header"
        case .token(let error): "\(error)"
        case .sessionEnded: "session_ended"
        case .insufficientScope: "insufficient_scope"
        }
    }

    package var tellsReason: Bool { false }
}
