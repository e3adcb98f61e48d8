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
            #expect(try await two.contents() == StoredSession.sample(1).contents)
            try await two.write(.sample(2))
            #expect(try await one.contents() == StoredSession.sample(2).contents)
            #expect(try await trial.open().contents() == StoredSession.sample(2).contents)
            try await one.clear()
            #expect(try await two.contents() == nil)
            #expect(try await trial.open().contents() == nil)
        },
        Self("while one instance replaces the session, another finds the old one or the new one, whole") { trial in
            let writer = try await trial.open()
            let sessions = [StoredSession.sample(1), .sample(30, idempotencyKey: .sample(1))]
            try await writer.write(sessions[0])

            let seen = try await trial.seen {
                for session in sessions.reversed() {
                    try await writer.write(session)
                    await Task.yield()
                }
            }

            #expect(seen.isSubset(of: sessions.map(\.contents)))
        },
        Self("while one instance clears and writes, another finds nothing or the session, whole") { trial in
            let writer = try await trial.open()
            let session = StoredSession.sample(30)

            let seen = try await trial.seen {
                try await writer.write(session)
                await Task.yield()
                try await writer.clear()
            }

            #expect(seen.isSubset(of: [nil, session.contents]))
        },
        Self("many who write at once, even without the lock, leave one of their sessions, whole, and none of them fails") {
            trial in
            let sessions = (1...8).map { StoredSession.sample($0 * 4) }

            let seen = try await trial.seen {
                try await withThrowingTaskGroup { group in
                    for session in sessions {
                        let store = try await trial.open()
                        group.addTask { try await store.write(session) }
                    }
                    try await group.waitForAll()
                }
            }

            #expect(seen.isSubset(of: [nil] + sessions.map(\.contents)))
            #expect(sessions.map(\.contents).contains(try await trial.open().contents()))
        },
    ]
}

extension TokenStoreTrial {
    /// What another instance reads while `body` runs over and over, and once more after it.
    fileprivate func seen(during body: () async throws -> Void) async throws -> Set<SessionContents?> {
        let reader = try await open()
        let meeting = Meeting()
        async let seen = {
            var seen: Set<SessionContents?> = []
            try await meeting.attend(.reader) { seen.insert(try await reader.contents()) }
            return seen
        }()
        try await meeting.attend(.writer, body)
        return try await seen.union([reader.contents()])
    }
}

/// Two who do something over and over, until they have taken turns so often that they were in each other's way, also on a busy machine.
private final class Meeting: Sendable {
    enum Role { case reader, writer }

    private let turns = Mutex((last: Role.writer, missing: 60))

    func attend(_ role: Role, _ body: () async throws -> Void) async throws {
        while turns.withLock({ $0.missing > 0 }) {
            do {
                try await body()
            } catch {
                // Nobody waits for one who has failed.
                turns.withLock { $0.missing = 0 }
                throw error
            }
            turns.withLock { turns in
                if turns.last != role { turns.missing -= 1 }
                turns.last = role
            }
            await Task.yield()
        }
    }
}
