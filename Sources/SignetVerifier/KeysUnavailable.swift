/// No key of the issuer could ever be had, so nobody can say whether a token is good: a fault of ours, answered 503 and never 401.
public struct KeysUnavailable: Error, Hashable, Sendable {
    /// When asking again is worth while.
    public let retryAfter: Duration

    /// A fault that may be over after `retryAfter`.
    public init(retryAfter: Duration) {
        self.retryAfter = retryAfter
    }
}
