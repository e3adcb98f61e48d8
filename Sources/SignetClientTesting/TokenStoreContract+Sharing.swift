import SignetClient
import Synchronization
import Testing

extension TokenStoreContract {
    /// Several instances on one place.
    static let sharing: [TokenStoreContract] = [
        Self("each instance sees what another has written and cleared, and so does one that is opened later") { trial in
            let one = try await trial.open()
            let two = try await trial.open()

            try await one.write(.sample(1))
            #expect(try await two.text() == StoredSession.sample(1).text)
            try await two.write(.sample(2))
            #expect(try await one.text() == StoredSession.sample(2).text)
            #expect(try await trial.open().text() == StoredSession.sample(2).text)
            try await one.clear()
            #expect(try await two.text() == nil)
            #expect(try await trial.open().text() == nil)
        },
        Self("while one instance replaces the session, another finds the old one or the new one, whole") { trial in
            let writer = try await trial.open()
            let sessions = [StoredSession.sample(1), .sample(30, idempotencyKey: .sample(1))]
            try await writer.write(sessions[0])

            let seen = try await trial.seen {
                for round in 1...50 { try await writer.write(sessions[round % 2]) }
            }

            #expect(seen.isSubset(of: sessions.map(\.text)))
        },
        Self("while one instance clears and writes, another finds nothing or the session, whole") { trial in
            let writer = try await trial.open()
            let session = StoredSession.sample(30)

            let seen = try await trial.seen {
                for _ in 1...50 {
                    try await writer.write(session)
                    try await writer.clear()
                }
            }

            #expect(seen.isSubset(of: [nil, session.text]))
        },
        Self("many who write at once, even without the lock, leave one of their sessions, whole, and none of them fails") {
            trial in
            let sessions = (1...8).map { StoredSession.sample($0 * 4) }

            let seen = try await trial.seen {
                try await withThrowingTaskGroup { group in
                    for session in sessions {
                        let store = try await trial.open()
                        group.addTask { for _ in 1...20 { try await store.write(session) } }
                    }
                    try await group.waitForAll()
                }
            }

            #expect(seen.isSubset(of: [nil] + sessions.map(\.text)))
            #expect(sessions.map(\.text).contains(try await trial.open().text()))
        },
    ]
}

extension TokenStoreTrial {
    /// What another instance reads while `body` runs, and once more after it.
    fileprivate func seen(during body: () async throws -> Void) async throws -> Set<String?> {
        let reader = try await open()
        let isOver = Mutex(false)
        async let seen = {
            var seen: Set<String?> = []
            while !isOver.withLock({ $0 }) {
                seen.insert(try await reader.text())
                await Task.yield()
            }
            return seen
        }()
        do {
            defer { isOver.withLock { $0 = true } }
            try await body()
        }
        return try await seen.union([reader.text()])
    }
}
