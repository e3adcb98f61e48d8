import Synchronization

/// Tells every listener of one client what happens; a listener that does not listen loses the oldest news.
final class SessionStates: Sendable {
    private struct State {
        var nextID = 0
        var listeners: [Int: AsyncStream<SessionState>.Continuation] = [:]
        var last: SessionState?
    }

    private let state = Mutex(State())

    /// What was told last.
    var last: SessionState? { state.withLock(\.last) }

    /// What will be told.
    func stream() -> AsyncStream<SessionState> {
        let (stream, listener) = AsyncStream.makeStream(of: SessionState.self, bufferingPolicy: .bufferingNewest(16))
        let id = state.withLock { state in
            state.nextID += 1
            state.listeners[state.nextID] = listener
            return state.nextID
        }
        listener.onTermination = { [weak self] _ in
            self?.state.withLock { $0.listeners[id] = nil }
        }
        return stream
    }

    func tell(_ news: SessionState) {
        state.withLock { state in
            state.last = news
            // In the lock, so that every listener hears all of it in the same order.
            for listener in state.listeners.values { listener.yield(news) }
        }
    }

    deinit {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.finish() }
    }
}

/// One listener's view: how the session stands when the listening begins, then each change.
actor SessionWatch {
    private let news: AsyncStream<SessionState>
    /// How the session stands now; `nil` when there is no client any more.
    private var beginning: (@Sendable () async -> SessionState?)?
    private var shown: SessionState?

    init(_ states: SessionStates, _ beginning: @escaping @Sendable () async -> SessionState?) {
        // Listening begins before the store is read, so that nothing falls between the two.
        news = states.stream()
        self.beginning = beginning
    }

    func next() async -> SessionState? {
        if let beginning {
            self.beginning = nil
            if let state = await beginning() {
                shown = state
                return state
            }
        }
        for await state in news where state != shown {
            shown = state
            return state
        }
        return nil
    }
}
