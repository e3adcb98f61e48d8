package import SignetTokens

/// How many sessions one user may have with one client at a time, and what becomes of one more (ASVS 7.1.2).
package struct SessionLimit: Hashable, Sendable {
    /// What happens when the limit is reached.
    package enum WhenReached: Hashable, Sendable {
        /// The least recently used session ends.
        case evict
        /// The sign-in is refused.
        case refuse
    }

    /// 1 to 1000.
    package let count: Int
    package let whenReached: WhenReached

    /// A limit; `nil` when the count is out of range.
    package init?(count: Int, whenReached: WhenReached = .evict) {
        guard (1...1000).contains(count) else { return nil }
        self.count = count
        self.whenReached = whenReached
    }

    /// Which sessions end so that one more can open, the least recently used first.
    ///
    /// - Parameter live: the user's live sessions with the client, without the one that the new session replaces.
    /// - Throws: ``SignInRefusal``, `tooManySessions`.
    package func evicted(from live: [LiveSession]) throws(SignInRefusal) -> [SessionID] {
        let excess = live.count + 1 - count
        guard excess > 0 else { return [] }
        guard whenReached == .evict else { throw .tooManySessions(count) }
        return live.sorted { ($0.lastRenewedAt, $0.id) < ($1.lastRenewedAt, $1.id) }.prefix(excess).map(\.id)
    }
}

extension SessionLimit: CustomStringConvertible {
    /// As operators write it: `5` or `5:refuse`.
    package var description: String { whenReached == .refuse ? "\(count):refuse" : "\(count)" }

    /// Reads what operators write; `nil` when it is no limit.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let count = Int(parts[0]),
            parts.count == 1 || parts[1] == "refuse"
        else { return nil }
        self.init(count: count, whenReached: parts.count == 1 ? .evict : .refuse)
    }
}

/// A session that counts towards a limit.
package struct LiveSession: Hashable, Sendable {
    package let id: SessionID
    /// When it was last used, to within a minute.
    package let lastRenewedAt: UnixTime

    package init(id: SessionID, lastRenewedAt: UnixTime) {
        self.id = id
        self.lastRenewedAt = lastRenewedAt
    }
}
