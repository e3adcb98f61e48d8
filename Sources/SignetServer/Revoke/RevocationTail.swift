import Logging
import ServiceLifecycle
import SignetSessions
import SignetTokens
import Synchronization

/// Watches the end of the revocation log and wakes the feed's connections when it moves, whichever process moved it.
final class RevocationTail: Service {
    /// How often the end is looked at: what an operator's command revokes reaches every reader within this and a little.
    private static let interval: Duration = .milliseconds(100)

    private struct State {
        var count = 0
        var last: FeedPosition?
        var nextID = 0
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let store: any SessionStore
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter clock: one that only goes forward; the wall's may be set back, and the feed would stand still meanwhile.
    init(store: any SessionStore, clock: any Clock<Duration>, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// How often the end was seen to have moved.
    var count: Int { state.withLock(\.count) }

    /// Waits until the end has moved on from `count`, and says so; `nil` when it has not within `limit`, or the task was cancelled.
    func next(after count: Int, within limit: Duration) async -> Int? {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> Int? in
            guard state.count == count else { return nil }
            state.nextID += 1
            state.waiting[state.nextID] = continuation
            return state.nextID
        }
        guard let id else { return self.count }
        defer { state.withLock { $0.waiting[id] = nil } }
        // A server that shuts down waits for its connections, so they must not wait for it.
        return await withGracefulShutdownHandler {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in stream { return true }
                    return false
                }
                group.addTask { [clock] in
                    try? await clock.sleep(for: limit)
                    return false
                }
                let hasMoved = await group.next() ?? false
                group.cancelAll()
                return hasMoved ? self.count : nil
            }
        } onGracefulShutdown: {
            continuation.finish()
        }
    }

    /// Looks at the end of the log until the application shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    private func look() async {
        do {
            let end = try await store.endOfRevocations()
            let waiting = state.withLock { state -> [AsyncStream<Void>.Continuation] in
                guard end != state.last else { return [] }
                state.last = end
                state.count += 1
                return Array(state.waiting.values)
            }
            for continuation in waiting { continuation.yield() }
        } catch {
            // A server that ends cuts the reading off.
            if Task.isCancelled { return }
            logger.warning("The revocation log cannot be read", metadata: ["error.type": "\(type(of: error))"])
        }
    }
}
