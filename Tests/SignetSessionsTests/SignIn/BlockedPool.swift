import Dispatch
import NIOPosix
import Synchronization

/// A pool whose one thread is busy until a test says otherwise.
final class BlockedPool: Sendable {
    let pool = NIOThreadPool(numberOfThreads: 1)
    private let gate = DispatchSemaphore(value: 0)
    private let state = Mutex(false)

    init() {
        pool.start()
        block()
    }

    /// Whether the thread is free to work.
    var isUnblocked: Bool { state.withLock(\.self) }

    func block() {
        state.withLock { $0 = false }
        pool.submit { [gate] _ in gate.wait() }
    }

    func unblock() {
        state.withLock { $0 = true }
        gate.signal()
    }

    func close() async throws {
        try await pool.shutdownGracefully()
    }
}
