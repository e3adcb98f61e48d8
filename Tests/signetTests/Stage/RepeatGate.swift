import NIOCore
import NIOPosix
import Synchronization

/// Keeps new requests waiting while a copy of an earlier one is still on its way.
///
/// A copy that arrives after the *next* renewal is reuse, and rightly ends the session; the proxy promises never to make one. The client
/// cannot begin its next renewal before this gate opens, however it learned the outcome of the last one.
final class RepeatGate: Sendable {
    private let closed = Mutex<EventLoopFuture<Void>?>(nil)

    /// Waits until no copy is on its way, then lets the request through `operation`, with the gate closed behind it if it will be repeated.
    func pass<Result>(closing: Bool, _ operation: () async throws -> Result) async throws -> Result {
        let mine = closing ? MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self) : nil
        defer { mine?.succeed() }
        while let running = enter(mine) {
            try await running.get()
        }
        defer { if mine != nil { closed.withLock { $0 = nil } } }
        return try await operation()
    }

    /// Closes the gate if it is open and one wants it closed; else says what must be over first.
    private func enter(_ mine: EventLoopPromise<Void>?) -> EventLoopFuture<Void>? {
        closed.withLock { closed in
            if let closed { return closed }
            closed = mine?.futureResult
            return nil
        }
    }
}
