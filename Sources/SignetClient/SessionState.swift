import Synchronization

/// What an app may want to show: whether someone is signed in.
public enum SessionState: Hashable, Sendable {
    /// Someone is signed in: told after a sign-in, here or through another client of the same store, when the session is first found
    /// in the store, and when tokens that were `unsaved` have been stored.
    case signedIn
    /// Nobody is signed in any more. `reason` is the server's word when the server ended the session, `nil` when the app did,
    /// or another client of the same store.
    case signedOut(reason: String?)
    /// New tokens could not be stored. They are used from memory, and nobody is signed out if they are lost; but the next renewal
    /// waits until the store can be written, and once the access token has expired calls throw ``SignetClientError/store(_:)``.
    case unsaved(TokenStoreError)
}

/// Tells every listener of one client what happens; a listener that does not listen loses the oldest news.
final class SessionStates: Sendable {
    private let listeners = Mutex<(nextID: Int, streams: [Int: AsyncStream<SessionState>.Continuation])>((0, [:]))

    func stream() -> AsyncStream<SessionState> {
        let (stream, continuation) = AsyncStream.makeStream(of: SessionState.self, bufferingPolicy: .bufferingNewest(16))
        let id = listeners.withLock { listeners in
            listeners.nextID += 1
            listeners.streams[listeners.nextID] = continuation
            return listeners.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { $0.streams[id] = nil }
        }
        return stream
    }

    func tell(_ state: SessionState) {
        for stream in listeners.withLock({ Array($0.streams.values) }) { stream.yield(state) }
    }

    deinit {
        for stream in listeners.withLock({ Array($0.streams.values) }) { stream.finish() }
    }
}
