/// How long the server is left alone after a renewal that was given up, so that a busy client does not hammer a busy server.
struct RenewalRest: Sendable {
    private var until = Duration.zero
    /// What the server said together with its own wish for a pause.
    private var wished: SignetClientError?

    private static let shortest = Duration.seconds(5)
    /// A proxy that names a whole day shall not keep people out for a day.
    private static let longest = Duration.seconds(60)

    /// No rest.
    init() {}

    /// - Parameters:
    ///   - wish: the pause that the server asked for (`Retry-After`).
    ///   - uptime: the client's uptime when the renewal was given up.
    init(after trouble: SignetClientError, wish: Duration?, uptime: Duration) {
        until = uptime + min(max(wish ?? .zero, Self.shortest), Self.longest)
        wished = wish == nil ? nil : trouble
    }

    /// Whether renewals that are not needed yet wait.
    func isOn(at uptime: Duration) -> Bool {
        uptime < until
    }

    /// What is said instead of asking, even when new tokens are needed now: the server has named a time, and it has not come.
    func refusal(at uptime: Duration) -> SignetClientError? {
        guard isOn(at: uptime), let wished else { return nil }
        guard case .busy(let status, _) = wished else { return wished }
        return .busy(status: status, retryAfter: until - uptime)
    }
}
