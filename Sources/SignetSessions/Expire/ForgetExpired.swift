/// The server cleans up after itself: sessions that have been dead for long, and revocations that nobody needs to remember.
///
/// It works in small steps and rests after each in proportion to what the step took, so that it never has more than a small share of
/// the writer, however slow the disk is and however much there is to remove. Several servers may do it on one database at a time.
package struct ForgetExpired: Sendable {
    /// How much longer than a step the rest after it is.
    package static let restRatio = 9

    private let store: any SessionStore
    private let defaults: PolicyDefaults
    private let retention: Duration
    private let limits: ForgettingLimits
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - retention: for how long the row of a dead session is kept: until then a refusal can tell why it ended.
    ///   - clock: one that only goes forward; steps are measured and rests are taken by it.
    package init(
        store: any SessionStore, defaults: PolicyDefaults, deadFor retention: Duration,
        limits: ForgettingLimits = ForgettingLimits(), clock: any Clock<Duration>
    ) {
        self.store = store
        self.defaults = defaults
        self.retention = retention
        self.limits = limits
        self.clock = clock
    }

    /// Goes once through everything.
    ///
    /// - Parameter report: told after each step that removed something, so that nothing is lost when a later one fails.
    /// - Throws: `CancellationError`, or a fault; what was removed stays so.
    package func callAsFunction(report: (Forgotten) -> Void) async throws {
        var cursor: SessionCursor?
        repeat {
            let step = try await unhurried {
                try await store.forgetDeadSessions(after: cursor, deadFor: retention, defaults: defaults, limits: limits)
            }
            if step.count > 0 { report(Forgotten(sessions: step.count)) }
            cursor = step.next
        } while cursor != nil

        var count = 0
        repeat {
            count = try await unhurried { try await store.forgetRevocations(limit: limits.removing) }
            if count > 0 { report(Forgotten(revocations: count)) }
        } while count == limits.removing
    }

    private func unhurried<Value>(_ step: () async throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await Self.unhurried(step, on: clock)
    }

    private static func unhurried<Value>(
        _ step: () async throws -> Value, on clock: some Clock<Duration>
    ) async throws -> Value {
        let start = clock.now
        let value = try await step()
        try await clock.sleep(for: start.duration(to: clock.now) * restRatio)
        return value
    }
}
