import SignetClient
import Synchronization
import Testing

extension TokenStoreContract {
    /// The lock.
    static let locking: [TokenStoreContract] = [
        Self("a lock that is held is refused at once, to its own instance and to any other, until it is released") { trial in
            let one = try await trial.open()
            let two = try await trial.open()
            let lock = try #require(try await one.lock())

            for store in [one, two, try await trial.open()] { #expect(try await store.lock() == nil) }
            lock.release()
            #expect(try await two.lock() != nil)
        },
        Self("of many tasks that want the lock, one has it at a time, and each gets its turn") { trial in
            let room = Room()

            try await withThrowingTaskGroup { group in
                for _ in 1...8 {
                    let store = try await trial.open()
                    group.addTask {
                        for _ in 1...10 {
                            let lock = try await store.lockInTheEnd()
                            room.enter()
                            await Task.yield()
                            room.leave()
                            lock.release()
                        }
                    }
                }
                try await group.waitForAll()
            }

            #expect(room.visits == 80)
            #expect(room.fullest == 1)
        },
        Self("a lock is not taken from whoever holds it, however often others ask for it") { trial in
            let holder = try await trial.open()
            let other = try await trial.open()
            let lock = try #require(try await holder.lock())

            // As often as a client asks that waits for a minute.
            var wasTaken = false
            for _ in 1...2400 where try await other.lock() != nil { wasTaken = true }

            #expect(!wasTaken)
            lock.release()
            #expect(try await other.lock() != nil)
        },
        Self("a lock ends with an error in what was done under it, for then nothing refers to it any more") { trial in
            struct Failure: Error {}
            let store = try await trial.open()

            await #expect(throws: Failure.self) {
                let lock = try await store.lock()
                #expect(lock != nil)
                throw Failure()
            }

            #expect(try await trial.open().lock() != nil)
        },
        Self("whoever holds the lock can read, write and clear, and others can read meanwhile") { trial in
            let holder = try await trial.open()
            let lock = try #require(try await holder.lock())
            defer { lock.release() }

            try await holder.write(.sample(1))
            #expect(try await trial.open().contents() == StoredSession.sample(1).contents)
            try await holder.clear()

            #expect(try await trial.open().contents() == nil)
            #expect(try await trial.open().lock() == nil)
        },
        Self("a lock held by another process is refused, and ends when that process is killed") { trial in
            let store = try await trial.open()

            try await trial.withHolderThatDies {
                let lock = try await store.lock()
                #expect(lock == nil)
            }

            #expect(try await store.lock() != nil)
        },
    ]
}

extension TokenStore {
    /// The lock, once those who hold it have given it back.
    fileprivate func lockInTheEnd() async throws -> TokenStoreLock {
        while true {
            if let lock = try await lock() { return lock }
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

/// Counts who is in it.
private final class Room: Sendable {
    private let count = Mutex((present: 0, fullest: 0, visits: 0))

    var visits: Int { count.withLock(\.visits) }
    /// How many were in it at the same time.
    var fullest: Int { count.withLock(\.fullest) }

    func enter() {
        count.withLock {
            $0.visits += 1
            $0.present += 1
            $0.fullest = max($0.fullest, $0.present)
        }
    }

    func leave() {
        count.withLock { $0.present -= 1 }
    }
}
