import Foundation
import GRDB
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSQLite

@Suite("A database under constant load", .timeLimit(.minutes(3)))
struct GrowthTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()
    private let store: SQLiteStore
    private let trial: StoreTrial

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
        trial = StoreTrial(store: store, clock: clock)
    }

    @Test("has after 2,000 renewals of 100 sessions as many rows and as many pages as before")
    func renewals() async throws {
        let user = try await trial.begin()
        // All at once and few times, for each commit that waits for another costs time and shows nothing.
        var tokens = try await opened(100, by: user).map { $0.token(0) }
        // A row is as long as it gets once it knows a token before, a key and a nonce; a count up to 127 takes one byte.
        tokens = try await renewed(tokens, times: 2)
        let before = try await measure()

        tokens = try await renewed(tokens, times: 20)

        #expect(try await measure() == before)
        #expect(before.sessions == 100)
        #expect(tokens.allSatisfy { $0.generation == 22 })
    }

    @Test("has as many sessions as are kept, however many were opened and have ended since")
    func signIns() async throws {
        let user = try await trial.begin()
        let limits = ForgettingLimits(looking: 100, removing: 4)
        let forget = ForgetExpired(
            store: store, defaults: trial.defaults, deadFor: .seconds(7 * 86_400), limits: limits, clock: ManualClock())
        var counts: [Int] = []
        for _ in 0..<12 {
            _ = try await opened(5, by: user)
            _ = try await store.revokeSessions(UserRevocation(userID: user.id, ending: .revokedByUser, actor: .user))
            clock.advance(by: .seconds(86_400))
            try await forget { _ in }
            counts.append(try await measure().sessions)
        }

        #expect(counts.prefix(7) == [5, 10, 15, 20, 25, 30, 30])
        #expect(Set(counts.dropFirst(6)) == [30])
    }

    private func opened(_ count: Int, by user: User) async throws -> [Device] {
        try await withThrowingTaskGroup(of: Device.self) { group in
            for _ in 0..<count { group.addTask { try await trial.device(of: user) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Renews each token so often, all sessions at once, each renewal with a key of its own.
    private func renewed(_ tokens: [RefreshToken], times: Int) async throws -> [RefreshToken] {
        try await withThrowingTaskGroup(of: RefreshToken.self) { group in
            for token in tokens {
                group.addTask {
                    var token = token
                    for _ in 0..<times {
                        let decision = try await trial.rotate(token, keyed: .fresh).decision
                        guard case .rotate = decision else { throw NotRotated() }
                        token = token.successor(under: trial.key, salt: trial.salt.salt(of: token.sessionID))
                    }
                    return token
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private struct NotRotated: Error {}

    private struct Size: Equatable {
        let sessions: Int
        let rows: Int
        let pages: Int
        let bytes: Int
    }

    /// After a checkpoint, when the file alone is everything.
    private func measure() async throws -> Size {
        let queue = try DatabaseQueue(path: folder.file("signet.db"))
        defer { try? queue.close() }
        return try await queue.writeWithoutTransaction { [folder] database in
            try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            let tables = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            let counts = try tables.map { try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)") ?? 0 }
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("signet.db"))
            return Size(
                sessions: try Int.fetchOne(database, sql: "SELECT count(*) FROM sessions") ?? 0, rows: counts.reduce(0, +),
                pages: try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0, bytes: attributes[.size] as? Int ?? 0)
        }
    }
}
