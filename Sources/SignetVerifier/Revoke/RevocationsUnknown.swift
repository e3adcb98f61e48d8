/// Nobody can say whether a token that is good in all else was revoked, and the ``SilencePolicy`` does not take the risk: a fault of
/// ours, answered 503 and never 401.
public struct RevocationsUnknown: Error, Hashable, Sendable {
    /// When asking again is worth while.
    public let retryAfter: Duration

    /// A fault that may be over after `retryAfter`.
    public init(retryAfter: Duration = .seconds(2)) {
        self.retryAfter = retryAfter
    }
}
