import SignetTestKit
import Synchronization
import Testing

@testable import SignetClient

@Suite("Waiting for the store's lock")
struct WaitingForTheLockTests {
    let store = MemoryTokenStore(FileTokenStoreTests.session)

    @Test("whoever is cancelled meanwhile goes, changes nothing, and never takes the lock")
    func cancelled() async throws {
        let lock = try #require(store.lock())
        let clock = SleepersClock { task in task?.cancel() }

        let waiter = Task { try await client(clock).forget() }

        await #expect(throws: CancellationError.self) { try await waiter.value }
        lock.release()
        #expect(store.lock() != nil)
        #expect(store.read() != nil)
    }

    @Test("whoever waits gets the lock when its holder has given it back")
    func released() async throws {
        let lock = try #require(store.lock())
        let clock = SleepersClock { _ in lock.release() }

        try await client(clock).forget()

        #expect(store.read() == nil)
        #expect(clock.slept < .seconds(1))
        #expect(store.lock() != nil)
    }

    @Test("a lock is given back once: to release it again takes nothing from the next who holds it")
    func releasedTwice() throws {
        let first = try #require(store.lock())
        first.release()
        let second = try #require(store.lock())

        first.release()

        #expect(store.lock() == nil)
        second.release()
    }

    private func client(_ clock: SleepersClock) -> SignetClient {
        SignetClient(server: Scene.url, store: store, transport: FakeSignet(), monotonicClock: clock)
    }
}
