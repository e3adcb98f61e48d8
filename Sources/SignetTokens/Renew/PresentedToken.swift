/// A genuine refresh token together with what was sent along: all that the decision needs to know of a request.
public struct PresentedToken: Hashable, Sendable {
    /// Whose session the token says it renews.
    public var userID: UserID
    /// The session the token says it renews.
    public var sessionID: SessionID
    /// The token's generation.
    public var generation: UInt32
    /// The token's hash.
    public var hash: TokenHash
    /// Hash of the idempotency key, if the client sent one.
    public var idempotencyKey: IdempotencyKeyHash?
    /// This request's own number.
    public var nonce: RequestNonce
    /// The client that was named; `nil` when none was, which a public client may do.
    public var clientID: ClientID?
    /// Whether that client proved who it is.
    public var clientAuthentication: ClientAuthenticationOutcome
    /// The user that was named, if one was.
    public var namedUser: UserSentAlong
    /// The access token that was sent along, if one was.
    public var accessToken: AccessTokenSentAlong
    /// The scope asked for; `nil` is everything that was granted.
    public var scope: Scope?
    /// The APIs asked for; none is the default.
    public var resources: [String]

    /// What a request presents.
    public init(
        _ token: RefreshToken, idempotencyKey: IdempotencyKey? = nil, nonce: RequestNonce, clientID: ClientID? = nil,
        clientAuthentication: ClientAuthenticationOutcome = .none,
        namedUser: UserSentAlong = .none, accessToken: AccessTokenSentAlong = .none, scope: Scope? = nil, resources: [String] = []
    ) {
        userID = token.userID
        sessionID = token.sessionID
        generation = token.generation
        hash = token.hash
        self.idempotencyKey = idempotencyKey?.hash(in: token.sessionID)
        self.nonce = nonce
        self.clientID = clientID
        self.clientAuthentication = clientAuthentication
        self.namedUser = namedUser
        self.accessToken = accessToken
        self.scope = scope
        self.resources = resources
    }
}

/// What became of a client's credentials (RFC 6749, section 2.3).
public enum ClientAuthenticationOutcome: Hashable, Sendable {
    /// None were sent.
    case none
    /// They are the client's.
    case passed
    /// They are not.
    case failed
}

/// Whom a renewal says that its session belongs to.
public enum UserSentAlong: Hashable, Sendable {
    /// Nobody was named.
    case none
    /// This user.
    case named(UserID)
    /// Something that is no user's id, and so is not the id of the session's user either.
    case unreadable

    /// What a request's `user_id` says; `nil` when it has none.
    public init(_ text: String?) {
        guard let text else {
            self = .none
            return
        }
        self = UserID(text).map(Self.named) ?? .unreadable
    }
}

/// What a renewal's access token says about whose it is; that it has expired is forgiven.
public enum AccessTokenSentAlong: Hashable, Sendable {
    /// None was sent.
    case none
    /// Its signature is good; these are its `sub` and `sid`.
    case genuine(subject: String, sessionID: SessionID?)
    /// Nobody can tell: its key is not known, or was retired as leaked. It counts as none, and is audited.
    case underUnknownKey
    /// It is not an access token of this issuer.
    case invalid
}
