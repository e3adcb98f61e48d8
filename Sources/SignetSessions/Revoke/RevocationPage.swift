package import SignetTokens

/// A revocation and its place in the log.
package struct LoggedRevocation: Hashable, Sendable {
    package let revocation: Revocation
    /// The position after it.
    package let position: FeedPosition

    package init(revocation: Revocation, position: FeedPosition) {
        self.revocation = revocation
        self.position = position
    }
}

/// What a reader of the revocation log is given at once.
package struct RevocationPage: Sendable {
    /// Whether these are the live entries from the beginning, for a reader who knows none, or comes from another log.
    package let isSnapshot: Bool
    package let entries: [LoggedRevocation]
    /// Where to read on.
    package let position: FeedPosition
    /// Whether more are there already.
    package let hasMore: Bool

    package init(isSnapshot: Bool, entries: [LoggedRevocation], position: FeedPosition, hasMore: Bool) {
        self.isSnapshot = isSnapshot
        self.entries = entries
        self.position = position
        self.hasMore = hasMore
    }
}

/// One access token to be ended, by its `jti`.
package struct TokenRevocation: Sendable {
    package let token: AccessToken
    package let actor: Actor
    package let origin: Origin

    package init(token: AccessToken, actor: Actor, origin: Origin) {
        self.token = token
        self.actor = actor
        self.origin = origin
    }
}
