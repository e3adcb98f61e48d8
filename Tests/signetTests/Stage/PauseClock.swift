/// A monotonic clock on which a pause lasts until something has happened, and not for so long: a server's return, or nothing at all.
struct PauseClock: Clock {
    /// What whoever pauses waits for.
    var pause: @Sendable () async throws -> Void = {}

    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        // The client waits like that for the end of its patience alone, and that is not to come early.
        guard tolerance == nil else { return try await ContinuousClock().sleep(until: deadline, tolerance: tolerance) }
        try await pause()
    }
}
