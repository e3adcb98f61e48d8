/// How a client's sessions renew.
public struct RenewalPolicy: Hashable, Sendable {
    /// Whether a renewal gives a new refresh token (RFC 9700, section 4.14.2).
    public var rotates: Bool
    /// Whether the client is registered for renewals at all.
    public var isAllowed: Bool
    /// Whether the client has a secret, and so must prove who it is (RFC 6749, section 6).
    public var requiresAuthentication: Bool
    /// How long after a rotation a client without idempotency keys may repeat it, and a raced one is told to try again; zero is strict.
    public var window: Duration
    /// How long a session lives without being renewed; `nil` is for ever.
    public var idleLifetime: Duration?
    /// How long a session lives at most; `nil` is for ever (which ASVS 10.4.8 advises against).
    public var absoluteLifetime: Duration?

    /// DESIGN's defaults: rotation, 60 s, 30 days, 1 year.
    public init(
        rotates: Bool = true, isAllowed: Bool = true, requiresAuthentication: Bool = false, window: Duration = .seconds(60),
        idleLifetime: Duration? = .seconds(30 * 86_400), absoluteLifetime: Duration? = .seconds(365 * 86_400)
    ) {
        self.rotates = rotates
        self.isAllowed = isAllowed
        self.requiresAuthentication = requiresAuthentication
        self.window = window
        self.idleLifetime = idleLifetime
        self.absoluteLifetime = absoluteLifetime
    }

    /// When a session ends if it is not renewed any more; `nil` is never.
    public func expiresAt(createdAt: UnixTime, lastRenewedAt: UnixTime) -> UnixTime? {
        [idleLifetime.map(lastRenewedAt.advanced), absoluteLifetime.map(createdAt.advanced)].compactMap(\.self).min()
    }

    /// Which lifetime, if one, has passed at `now`; at the very moment of expiry it has.
    public func expiry(createdAt: UnixTime, lastRenewedAt: UnixTime, at now: UnixTime) -> SessionEnd? {
        if let absoluteLifetime, now >= createdAt.advanced(by: absoluteLifetime) { return .expired }
        if let idleLifetime, now >= lastRenewedAt.advanced(by: idleLifetime) { return .idleExpired }
        return nil
    }
}

/// What the operator said about tokens that are newer than the database, as they are after an older backup was restored.
public enum Recovery: Hashable, Sendable {
    /// Nothing yet: the presented token is kept safe and the client asked to come again.
    case undecided
    /// Each session may go on once from a newer token.
    case open(RecoveryID)
    /// Newer tokens are refused.
    case declined
}
