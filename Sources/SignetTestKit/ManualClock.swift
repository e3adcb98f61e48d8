public import SignetTokens
import Synchronization

/// A clock that stands still until a test moves it; sleepers wake when it reaches their moment.
public final class ManualClock: WallClock {
    private struct Sleeper {
        let deadline: UnixTime
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: UnixTime
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// A clock that shows `now`; by default a moment in November 2023.
    public init(now: UnixTime = UnixTime(seconds: 1_700_000_000)) {
        state = Mutex(State(now: now))
    }

    /// What the clock shows.
    public var now: UnixTime { state.withLock(\.now) }

    /// One millisecond.
    public var minimumResolution: Duration { .milliseconds(1) }

    /// How many tasks are asleep: a test waits for this before it moves the clock.
    public var sleepers: Int { state.withLock(\.sleepers.count) }

    /// Moves the clock, also backwards, and wakes those whose moment has come.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Sleeps until the clock is moved to `deadline` or beyond.
    public func sleep(until deadline: UnixTime, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Next { case sleep, wake, cancel }
                let next = state.withLock { state -> Next in
                    if state.cancelled.remove(id) != nil { return .cancel }
                    if deadline <= state.now { return .wake }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return .sleep
                }
                switch next {
                case .sleep: break
                case .wake: continuation.resume()
                case .cancel: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let sleeper = state.sleepers.removeValue(forKey: id) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
