import SignetClient
import Synchronization

/// How long the other side has been silent, and when that is too long.
final class Silence: Sendable {
    private let limit: Duration
    private let lastSign = Mutex(ContinuousClock.now)

    init(limit: Duration) {
        self.limit = limit
    }

    /// The other side gave a sign, such as taking a piece of the body.
    func sign() {
        lastSign.withLock { $0 = .now }
    }

    /// Runs `operation`, which is cancelled when there was no sign for too long.
    /// - Throws: ``SignetClient/TransportError``, what the operation throws, `CancellationError`.
    func orEnd<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                while true {
                    let end = self.lastSign.withLock(\.self).advanced(by: self.limit)
                    guard ContinuousClock.now < end else { throw TransportError.timedOut }
                    try await Task.sleep(until: end)
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
