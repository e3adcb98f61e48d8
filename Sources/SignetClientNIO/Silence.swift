import SignetClient
import Synchronization

/// How long the other side has been silent, and when that is too long.
final class Silence: Sendable {
    private let limit: Duration
    private let uptime: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let lastSign = Mutex(Duration.zero)

    init(limit: Duration, clock: some Clock<Duration> = ContinuousClock()) {
        self.limit = limit
        let start = clock.now
        uptime = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    /// The other side gave a sign, such as taking a piece of the body.
    func sign() {
        lastSign.withLock { $0 = uptime() }
    }

    /// Runs `operation`, which is cancelled when there was no sign for too long.
    /// - Throws: ``SignetClient/TransportError``, what the operation throws, `CancellationError`.
    func orEnd<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                while true {
                    let rest = self.lastSign.withLock(\.self) + self.limit - self.uptime()
                    guard rest > .zero else { throw TransportError.timedOut }
                    try await self.sleep(rest)
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
