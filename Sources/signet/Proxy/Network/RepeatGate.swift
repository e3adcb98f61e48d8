import NIOCore
import NIOPosix
import Synchronization

/// Lets requests pass in the order of their arrival, and keeps them waiting while a copy of an earlier one is still on its way.
///
/// A copy that arrives after the *next* renewal is reuse, and rightly ends the session; the proxy promises never to make one. The client
/// cannot begin its next renewal before this gate opens, however it learned the outcome of the last one.
final class RepeatGate: Sendable {
    /// Succeeds when the request that came last has left the gate open behind it.
    private let last = Mutex<EventLoopFuture<Void>?>(nil)

    /// Waits for its turn and runs `operation`; the gate stays closed behind it until the end if the request will be repeated.
    func pass<Result, Failure>(
        closing: Bool, _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let opened = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let before = last.withLock { last in
            defer { last = opened.futureResult }
            return last
        }
        // Whoever came before opens the gate in any case, so this neither fails nor waits for ever.
        try? await before?.get()
        guard closing else {
            opened.succeed()
            return try await operation()
        }
        defer { opened.succeed() }
        return try await operation()
    }
}
