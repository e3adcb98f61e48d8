import Synchronization

/// Keeps the session in memory: for tests, and for programs that sign in each time they start.
public final class MemoryTokenStore: TokenStore {
    private struct State {
        var session: StoredSession?
        var isLocked = false
    }

    private let state: Mutex<State>

    /// A store that holds `session`.
    public init(_ session: StoredSession? = nil) {
        state = Mutex(State(session: session))
    }

    /// The stored session.
    public func read() -> StoredSession? {
        state.withLock(\.session)
    }

    /// Replaces the stored session.
    public func write(_ session: StoredSession) {
        state.withLock { $0.session = session }
    }

    /// Forgets the stored session.
    public func clear() {
        state.withLock { $0.session = nil }
    }

    /// Takes the lock if it is free.
    public func lock() -> TokenStoreLock? {
        let isTaken = state.withLock { state in
            defer { state.isLocked = true }
            return state.isLocked
        }
        guard !isTaken else { return nil }
        return TokenStoreLock { [self] in state.withLock { $0.isLocked = false } }
    }
}
