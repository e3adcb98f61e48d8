package import SignetTokens

/// A place in the order in which all sessions are looked at.
package struct SessionCursor: Hashable, Sendable {
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }
}

/// How much of the clean-up is done in one step, so that nobody waits for it.
package struct ForgettingLimits: Hashable, Sendable {
    /// How many rows are looked at.
    package var looking: Int
    /// How many rows are removed in one transaction.
    package var removing: Int

    package init(looking: Int = 1000, removing: Int = 50) {
        self.looking = looking
        self.removing = removing
    }
}

/// What became of one step through the sessions.
package struct ForgottenSessions: Hashable, Sendable {
    /// How many were removed.
    package let count: Int
    /// Where to go on; `nil` at the end.
    package let next: SessionCursor?

    package init(count: Int, next: SessionCursor?) {
        self.count = count
        self.next = next
    }
}

/// How many rows of each kind the clean-up has removed.
package struct Forgotten: Hashable, Sendable {
    package var sessions: Int
    package var revocations: Int

    package init(sessions: Int = 0, revocations: Int = 0) {
        self.sessions = sessions
        self.revocations = revocations
    }

    package static func += (sum: inout Forgotten, other: Forgotten) {
        sum.sessions += other.sessions
        sum.revocations += other.revocations
    }
}
