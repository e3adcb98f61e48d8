package import SignetTokens

/// One session to be ended.
package struct SessionRevocation: Sendable {
    package let sessionID: SessionID
    package let userID: UserID
    /// The client that asks, where it must be the session's own; `nil` for people and operators.
    package let clientID: ClientID?
    /// Whether that client proved who it is, where the session's own client has a secret; people and operators need no such proof.
    package let isAuthenticated: Bool
    package let ending: SessionEnd
    package let actor: Actor
    package let origin: Origin

    package init(
        sessionID: SessionID, userID: UserID, clientID: ClientID? = nil, isAuthenticated: Bool = true, ending: SessionEnd,
        actor: Actor, origin: Origin
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.clientID = clientID
        self.isAuthenticated = isAuthenticated
        self.ending = ending
        self.actor = actor
        self.origin = origin
    }
}

/// What became of it.
package enum RevocationOutcome: Hashable, Sendable {
    /// It has ended now.
    case revoked
    /// It had ended before.
    case hadEnded
    /// The user has no such session.
    case unknown
    /// It belongs to a client that must prove who it is; nothing changed.
    case unauthenticated
    /// It belongs to another client; nothing changed.
    case otherClient
}
