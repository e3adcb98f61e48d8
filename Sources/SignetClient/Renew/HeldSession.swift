import SignetTokens

/// A session in memory, and until when its access token can be used, counted on the monotonic clock.
struct HeldSession: Sendable {
    var session: StoredSession

    private let expiresAfter: Duration

    /// A session whose tokens have just arrived.
    /// - Parameter asked: the client's uptime when they were asked for. The server made them later, so they never live shorter than
    ///   counted from then, however long the answer was on its way.
    init(_ session: StoredSession, asked: Duration) {
        self.session = session
        expiresAfter = asked + session.lifetime
    }

    /// A session found in the store.
    /// - Parameters:
    ///   - serverTime: the present moment by the server's clock, as well as it is known.
    ///   - uptime: the client's uptime at the same moment.
    init(_ session: StoredSession, serverTime: UnixTime, uptime: Duration) {
        self.session = session
        let age = session.receivedAt.duration(to: serverTime)
        // From the future: some clock was set back since, and nobody can tell how old the token is. Two seconds are rounding.
        let isKnown = age >= .seconds(-2)
        expiresAfter = isKnown ? uptime + session.lifetime - max(age, .zero) : uptime
    }

    /// How long the access token can still be used; zero or less when it cannot.
    func remaining(at uptime: Duration) -> Duration {
        expiresAfter - uptime
    }

    /// Whether the access token can no longer be used.
    func isExpired(at uptime: Duration) -> Bool {
        uptime >= expiresAfter
    }

    /// Whether it is time to renew: a little before the end, so that no token expires on its way.
    func isDue(at uptime: Duration) -> Bool {
        uptime >= expiresAfter - min(.seconds(30), session.lifetime / 10)
    }
}
