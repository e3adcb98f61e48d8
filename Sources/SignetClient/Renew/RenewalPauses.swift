/// How long to wait before asking again, and when to give up: growing pauses, few of them, within a limit.
struct RenewalPauses: Sendable {
    private let startedAt: Duration
    private var remaining: ArraySlice<Duration>

    /// After this much time no further request is begun.
    private static let limit = Duration.seconds(20)

    /// - Parameter isUrgent: whether the caller has nothing to go on with. Otherwise one try is enough, for its access token is still good.
    init(startedAt: Duration, isUrgent: Bool) {
        self.startedAt = startedAt
        remaining = isUrgent ? [.milliseconds(500), .seconds(1), .seconds(2)] : []
    }

    /// The next pause, at least as long as the server asked for; `nil` when it is time to give up.
    mutating func next(atLeast asked: Duration?, uptime: Duration) -> Duration? {
        guard let own = remaining.popFirst() else { return nil }
        let pause = max(own, asked ?? .zero)
        return uptime + pause - startedAt < Self.limit ? pause : nil
    }
}
