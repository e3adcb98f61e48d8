/// One of the four things that can end before they expire.
public enum RevokedSubject: Hashable, Sendable {
    /// A session, by its `sid`, and every access token of it.
    case session(SessionID)
    /// One access token, by its `jti`.
    case token(String)
    /// A client, by its `client_id`, and every access token that it was given.
    case client(String)
    /// A signing key, by its `kid`, and every token that it signed.
    case key(String)
}

/// An entry of the revocation log: what is no longer good, and for how long that must be remembered.
public struct Revocation: Hashable, Sendable {
    /// Who brought it about (CAEP 1.0, section 2).
    public enum Initiator: String, CaseIterable, Hashable, Sendable {
        case admin, user, policy, system
    }

    /// How long an entry for a session or a client is remembered: the longest access lifetime and the largest leeway.
    public static let memory: Duration = AccessTokenRules.longestLifetime + AccessTokenRules.largestLeeway

    /// The `jti` of its event: the same whenever it is signed anew.
    public let id: TokenID
    /// What ended.
    public let subject: RevokedSubject
    /// Whose session it was.
    public let userID: UserID?
    /// When it ended.
    public let at: UnixTime
    /// Who brought it about.
    public let initiator: Initiator
    /// The stable reason, such as `reused`.
    public let reason: String
    /// From when on it may be forgotten, for then every token it speaks of has expired; `nil` is never.
    public let forgetAt: UnixTime?

    /// An entry with each of its parts.
    public init(
        id: TokenID, subject: RevokedSubject, userID: UserID? = nil, at: UnixTime, initiator: Initiator, reason: String,
        forgetAt: UnixTime?
    ) {
        self.id = id
        self.subject = subject
        self.userID = userID
        self.at = at
        self.initiator = initiator
        self.reason = reason
        self.forgetAt = forgetAt
    }
}
