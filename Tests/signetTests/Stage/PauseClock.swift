/// A monotonic clock on which a pause lasts until something has happened, and not for so long: a server's return, or nothing at all.
struct PauseClock: Clock {
    /// What whoever pauses waits for.
    var pause: @Sendable () async throws -> Void = {}

    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await pause()
    }
}
