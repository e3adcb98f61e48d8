import SignetTokens

/// The two clocks that a client needs, however they are made.
///
/// The device's wall clock may be wrong and may be set at any moment; it only serves to judge tokens that another process, or an
/// earlier life of this one, has stored. Everything within a process is counted by the monotonic clock.
struct ClientClocks: Sendable {
    /// What the device thinks the time is.
    let now: @Sendable () -> UnixTime
    /// Time since the client was made; goes on while the device sleeps, where the platform has such a clock.
    let uptime: @Sendable () -> Duration
    /// Waits, by the monotonic clock.
    let sleep: @Sendable (Duration) async throws -> Void

    init(wall: some WallClock, monotonic: some Clock<Duration>) {
        let start = monotonic.now
        now = { wall.now }
        uptime = { start.duration(to: monotonic.now) }
        sleep = { try await monotonic.sleep(until: monotonic.now.advanced(by: $0), tolerance: nil) }
    }
}
