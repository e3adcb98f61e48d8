import Foundation
import HTTPTypes
import SignetClient
import Testing

extension TokenStoreContract {
    /// A client that waits for the store's lock.
    static let waiting: [TokenStoreContract] = [
        Self("a client that waits for the lock gives up after a minute, and nothing has changed") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))
            let lock = try #require(try await store.lock())
            let clock = SleepersClock { _ in }

            let error = await #expect(throws: SignetClientError.self) {
                try await trial.client(clock).forget()
            }

            guard case .store(let trouble) = error else { throw try #require(error) }
            #expect(trouble.problem == .locked)
            #expect((.seconds(60)...(.seconds(61))).contains(clock.slept))
            #expect(try await store.text() == StoredSession.sample(1).text)
            lock.release()
            try await trial.client(clock).forget()
            #expect(try await store.text() == nil)
        },
        Self("a client that is cancelled while it waits for the lock goes, changes nothing, and never takes the lock") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))
            let lock = try #require(try await store.lock())
            let clock = SleepersClock { task in task?.cancel() }

            let waiter = Task { try await trial.client(clock).forget() }

            await #expect(throws: CancellationError.self) { try await waiter.value }
            lock.release()
            #expect(try await trial.open().lock() != nil)
            #expect(try await store.text() == StoredSession.sample(1).text)
        },
        Self("a client that waits for the lock gets it when its holder has given it back") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))
            let lock = try #require(try await store.lock())
            let clock = SleepersClock { _ in lock.release() }

            try await trial.client(clock).forget()

            #expect(try await store.text() == nil)
            #expect(clock.slept < .seconds(1))
            #expect(try await trial.open().lock() != nil)
        },
    ]
}

extension TokenStoreTrial {
    /// A client on an instance of its own that reaches no network.
    fileprivate func client(_ clock: SleepersClock) async throws -> SignetClient {
        SignetClient(
            server: try #require(URL(string: "https://id1.example.com")), store: try await open(), transport: NoNetwork(),
            monotonicClock: clock)
    }
}

/// A network that answers nothing.
private struct NoNetwork: Transport {
    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        throw TransportError("there is no network")
    }
}
