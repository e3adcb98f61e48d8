package import SignetTokens

/// Who calls one of the doors that Signet keeps for people, such as their devices and their account.
package struct AuthenticateCaller: Sendable {
    private let bearer: AuthenticateBearer

    package init(_ bearer: AuthenticateBearer) {
        self.bearer = bearer
    }

    /// The caller.
    ///
    /// - Parameter scope: the scope that the token must have, all of it.
    /// - Throws: ``CallerRefusal``, or a fault.
    package func callAsFunction(_ text: Secret<String>, scope: Scope) async throws -> Caller {
        let bearer = try await bearer(text, scope: .none)
        // A client's own token has no session, and is turned away: no scope would help it.
        guard let standing = bearer.standing else { throw CallerRefusal.sessionEnded }
        guard scope.isSubset(of: bearer.token.scope) else { throw CallerRefusal.insufficientScope(scope) }
        return Caller(
            token: bearer.token, userID: standing.session.userID, sessionID: standing.session.id, standing: standing)
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
    /// The token itself was ended before its time; whoever has a session renews.
    case tokenRevoked
    case insufficientScope(Scope)

    package var code: RefusalCode {
        switch self {
        case .malformedHeader: .invalidRequest
        case .noToken, .token, .sessionEnded, .tokenRevoked: .invalidToken
        case .insufficientScope: .insufficientScope
        }
    }

    package var sentence: String {
        switch self {
        case .noToken: "This needs an access token; send it as Authorization: Bearer."
        case .malformedHeader: "Send the access token once, in one Authorization header of the form Bearer and one token."
        case .token(let error): error.challengeDescription
        case .sessionEnded: "The session has ended; sign in again."
        case .tokenRevoked: "The access token was revoked."
        case .insufficientScope: "The access token does not have the scope that this needs."
        }
    }

    package var reason: String {
        switch self {
        case .noToken: "no_token"
        case .malformedHeader: "malformed_header"
        case .token(let error): "\(error)"
        case .sessionEnded: "session_ended"
        case .tokenRevoked: "token_revoked"
        case .insufficientScope: "insufficient_scope"
        }
    }

    package var tellsReason: Bool { false }
}
