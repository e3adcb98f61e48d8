package import SignetTokens

/// The moments from which it follows how long a session lives, and for how long its row is kept afterwards. Pure.
package struct SessionLife: Hashable, Sendable {
    /// For how long the row of a dead session is kept at least: an access token of it lives for an hour at most, clocks may differ by
    /// five minutes, and until it is over somebody may still want to revoke the session.
    package static let shortestRetention: Duration = .seconds(7200)

    /// When it was opened.
    package var createdAt: UnixTime
    /// When it was last renewed, to within a minute.
    package var lastRenewedAt: UnixTime
    /// When somebody ended it, if anybody did.
    package var endedAt: UnixTime?
    /// When its client was removed, if it was.
    package var clientRemovedAt: UnixTime?

    package init(
        createdAt: UnixTime, lastRenewedAt: UnixTime, endedAt: UnixTime? = nil, clientRemovedAt: UnixTime? = nil
    ) {
        self.createdAt = createdAt
        self.lastRenewedAt = lastRenewedAt
        self.endedAt = endedAt
        self.clientRemovedAt = clientRemovedAt
    }

    /// The moment of its end, past or to come, if it is not renewed any more; `nil` is never.
    package func endsAt(_ policy: RenewalPolicy) -> UnixTime? {
        let expiresAt = policy.expiresAt(createdAt: createdAt, lastRenewedAt: lastRenewedAt)
        return [endedAt, clientRemovedAt, expiresAt].compactMap(\.self).min()
    }

    /// Whether its row may be removed: it has been dead for `retention`, or for the shortest one if that is longer.
    ///
    /// The last renewal counts as a sign of life whatever the policy says now: a lifetime that was shortened today ended a session
    /// years ago, by which an access token was made a minute ago.
    package func isForgettable(deadFor retention: Duration, policy: RenewalPolicy, now: UnixTime) -> Bool {
        guard let endsAt = endsAt(policy) else { return false }
        return now >= max(endsAt, lastRenewedAt).advanced(by: max(retention, Self.shortestRetention))
    }
}
