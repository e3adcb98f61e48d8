/// No whole answer came: the name was not found, the connection was refused or cut, the time was up, TLS failed.
public struct TransportError: Error, Hashable, CustomStringConvertible, Sendable {
    /// What happened, in a few words; no part of the request or the answer.
    public let description: String

    /// An error that says what happened in a few words.
    public init(_ description: String) {
        self.description = description
    }

    package static let timedOut = TransportError("no answer in time")
    package static let unreadableFile = TransportError("the file to send cannot be read")
}

/// Runs `operation`, which is cancelled when it takes longer than `limit`.
/// - Throws: ``TransportError``, what the operation throws, `CancellationError`.
package func within<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TransportError.timedOut
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
