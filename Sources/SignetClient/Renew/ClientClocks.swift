import SignetTokens

/// The two clocks that a client needs, however they are made.
///
/// The device's wall clock may be wrong and may be set at any moment; it only serves to judge tokens that another process, or an
/// earlier life of this one, has stored. Everything within a process is counted by the monotonic clock.
struct ClientClocks: Sendable {
    /// A moment by both of them.
    typealias Moment = (uptime: Duration, wall: UnixTime)

    /// What the device thinks the time is.
    let now: @Sendable () -> UnixTime
    /// Time since the client was made; goes on while the device sleeps, where the platform has such a clock.
    let uptime: @Sendable () -> Duration
    /// Waits, by the monotonic clock.
    let sleep: @Sendable (Duration) async throws -> Void
    /// Waits likewise for the end of somebody's patience, which may come a little late.
    private let alarm: @Sendable (Duration) async throws -> Void

    init(wall: some WallClock, monotonic: some Clock<Duration>) {
        let start = monotonic.now
        now = { wall.now }
        uptime = { start.duration(to: monotonic.now) }
        sleep = { try await monotonic.sleep(until: monotonic.now.advanced(by: $0), tolerance: nil) }
        alarm = { try await monotonic.sleep(until: monotonic.now.advanced(by: $0), tolerance: .milliseconds(50)) }
    }

    /// This moment.
    var moment: Moment { (uptime(), now()) }

    /// What `operation` gives, if it does so in time.
    /// - Throws: what `operation` throws; a ``TransportError`` when the time is up, and then `operation` is cancelled.
    func within<Value: Sendable>(
        _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withTimeLimit(limit, by: alarm, operation)
    }
}
