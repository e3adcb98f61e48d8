import Foundation
import HTTPTypes
import SignetTokens
import Synchronization

@testable import SignetClient

/// One life of a process, which ends after so many steps; a dead process reads nothing, writes nothing and sends nothing.
final class Life: Sendable {
    private let steps: Mutex<Int>

    init(steps: Int) {
        self.steps = Mutex(steps)
    }

    var isOver: Bool { steps.withLock { $0 <= 0 } }

    /// One moment in which it may die.
    func live() throws(TransportError) {
        let isAlive = steps.withLock { steps in
            steps -= 1
            return steps > 0
        }
        guard isAlive else { throw TransportError("dead") }
    }
}

/// A store as a mortal process uses it: death comes before or after any of its steps.
struct MortalStore: TokenStore {
    let store: any TokenStore
    let life: Life

    func read() async throws(TokenStoreError) -> StoredSession? {
        try live()
        return try await store.read()
    }

    func write(_ session: StoredSession) async throws(TokenStoreError) {
        try live()
        try await store.write(session)
        try live()
    }

    func clear() async throws(TokenStoreError) {
        try live()
        try await store.clear()
        try live()
    }

    func lock() async throws(TokenStoreError) -> TokenStoreLock? {
        try live()
        return try await store.lock()
    }

    private func live() throws(TokenStoreError) {
        do {
            try life.live()
        } catch {
            throw TokenStoreError(.unreadable, at: "a dead process")
        }
    }
}

/// The network as a mortal process uses it.
struct MortalTransport: Transport {
    let transport: any Transport
    let life: Life

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        try life.live()
        let answer = try await transport.send(request, body: body, timeout: timeout)
        try life.live()
        return answer
    }
}

/// A store that fails on command, and counts what is asked of it.
final class MoodyStore: TokenStore {
    struct Mood: Sendable {
        var readError: TokenStoreError?
        var writeError: TokenStoreError?
        /// Whether a write that fails has been done all the same.
        var writesAllTheSame = false
        var writes = 0
        var clears = 0
    }

    let store = MemoryTokenStore()
    private let mood = Mutex(Mood())

    /// Looks at the store's mood, or changes it.
    func with<Result>(_ body: (inout Mood) -> Result) -> Result {
        mood.withLock { body(&$0) }
    }

    func read() throws(TokenStoreError) -> StoredSession? {
        if let error = mood.withLock(\.readError) { throw error }
        return store.read()
    }

    func write(_ session: StoredSession) throws(TokenStoreError) {
        mood.withLock { $0.writes += 1 }
        let mood = mood.withLock(\.self)
        if mood.writeError == nil || mood.writesAllTheSame { store.write(session) }
        if let error = mood.writeError { throw error }
    }

    func clear() throws(TokenStoreError) {
        mood.withLock { $0.clears += 1 }
        if let error = mood.withLock(\.writeError) { throw error }
        store.clear()
    }

    func lock() -> TokenStoreLock? { store.lock() }
}
