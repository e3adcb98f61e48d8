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

/// Every live session of a user to be ended in one step.
package struct UserRevocation: Sendable {
    package let userID: UserID
    /// The one that lives on, if one does.
    package let kept: SessionID?
    /// The session from which the person asks: ending it is a sign-out, whatever the others' ending.
    package let askedFrom: SessionID?
    package let ending: SessionEnd
    package let actor: Actor
    package let origin: Origin

    package init(
        userID: UserID, keeping kept: SessionID? = nil, askedFrom: SessionID? = nil, ending: SessionEnd, actor: Actor,
        origin: Origin = .unknown
    ) {
        self.userID = userID
        self.kept = kept
        self.askedFrom = askedFrom
        self.ending = ending
        self.actor = actor
        self.origin = origin
    }

    /// Why one of the sessions ends; `nil` for the one that lives on.
    package func ending(of session: SessionID) -> SessionEnd? {
        if session == kept { return nil }
        return session == askedFrom ? .signedOut : ending
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
