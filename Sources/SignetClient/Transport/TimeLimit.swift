/// What `operation` gives, if it does so in time; otherwise it is cancelled.
/// - Parameter alarm: waits for the end of the time.
/// - Throws: ``TransportError/timedOut``, what the operation throws, `CancellationError`.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration, by alarm: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await alarm(limit)
            throw TransportError.timedOut
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
