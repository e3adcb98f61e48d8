import Synchronization

/// One connection's body as its reader pulls it, so that a test knows when all that came was worked through.
final class FakeConnection: AsyncSequence, Sendable {
    /// Whoever lets go of it has closed the connection.
    final class AsyncIterator: AsyncIteratorProtocol {
        private let connection: FakeConnection

        init(connection: FakeConnection) {
            self.connection = connection
        }

        deinit {
            connection.end(CancellationError())
        }

        func next() async throws -> [UInt8]? { try await connection.next() }
    }

    private struct State {
        var ready: [[UInt8]] = []
        var reader: CheckedContinuation<[UInt8]?, any Error>?
        var end: Result<[UInt8]?, any Error>?
    }

    private let state = Mutex(State())

    /// Whether the reader waits for more.
    var isIdle: Bool { state.withLock { $0.reader != nil && $0.ready.isEmpty } }
    var isOpen: Bool { state.withLock { $0.end == nil } }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: self) }

    func send(_ bytes: [UInt8]) {
        let reader = state.withLock { state in
            guard state.end == nil else { return nil as CheckedContinuation<[UInt8]?, any Error>? }
            defer { state.reader = nil }
            if state.reader == nil { state.ready.append(bytes) }
            return state.reader
        }
        reader?.resume(returning: bytes)
    }

    /// Ends the connection after what was sent; what comes later is lost.
    func end(_ error: (any Error)? = nil) {
        let end: Result<[UInt8]?, any Error> = error.map { .failure($0) } ?? .success(nil)
        let reader = state.withLock { state in
            state.end = state.end ?? end
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(with: end)
    }

    private func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let now = state.withLock { state -> Result<[UInt8]?, any Error>? in
                    if !state.ready.isEmpty { return .success(state.ready.removeFirst()) }
                    if state.end == nil { state.reader = reader }
                    return state.end
                }
                if let now { reader.resume(with: now) }
            }
        } onCancel: {
            end(CancellationError())
        }
    }
}
