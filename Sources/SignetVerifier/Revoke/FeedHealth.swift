public import SignetTokens

/// What a verifier knows of the issuer's revocations.
public enum FeedHealth: Hashable, Sendable {
    /// It follows no feed: it has no credential, and was not told that the feed is public.
    case notFollowed
    /// It has not yet received the first snapshot, or its service does not run.
    case starting
    /// It knows every revocation, up to a moment ago.
    case current
    /// It has heard nothing for 45 s: revocations after `since` may be unknown to it.
    case silent(since: UnixTime)

    /// The value of the gauge `signet_verifier_feed_state`.
    var code: Int {
        switch self {
        case .notFollowed: 0
        case .starting: 1
        case .current: 2
        case .silent: 3
        }
    }
}
