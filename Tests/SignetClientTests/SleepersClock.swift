import Synchronization

/// A clock on which sleeping takes no time; something happens each time that somebody falls asleep.
final class SleepersClock: Clock {
    /// A moment, counted from the clock's making.
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let present = Mutex(Instant(offset: .zero))
    private let onSleep: @Sendable (UnsafeCurrentTask?) -> Void

    /// A clock that calls `onSleep` with the task of whoever falls asleep.
    init(onSleep: @escaping @Sendable (UnsafeCurrentTask?) -> Void) {
        self.onSleep = onSleep
    }

    var now: Instant { present.withLock { $0 } }
    var minimumResolution: Duration { .nanoseconds(1) }

    /// How long all sleepers together have slept.
    var slept: Duration { now.offset }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        withUnsafeCurrentTask(body: onSleep)
        try Task.checkCancellation()
        present.withLock { $0 = max($0, deadline) }
    }
}
