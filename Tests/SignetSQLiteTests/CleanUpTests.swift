import GRDB
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSQLite

@Suite("Cleaning up a database file", .timeLimit(.minutes(1)))
struct CleanUpTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()
    private let store: SQLiteStore
    private let trial: StoreTrial

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
        trial = StoreTrial(store: store, clock: clock)
    }

    @Test("a key's entry stays for ever")
    func keyEntries() async throws {
        let device = try await trial.device(of: trial.begin())
        _ = try await trial.revoke(device)
        try await store.write { [clock] in
            try SQLiteStore.log(.key("leaked"), by: .admin, reason: "leaked", at: clock.now, in: $0)
        }

        clock.advance(by: .seconds(100 * 365 * 86_400))
        #expect(try await store.forgetRevocations(limit: 10) == 1)

        let entries = try await store.revocations(after: nil, limit: 10).entries
        #expect(entries.map(\.revocation.subject) == [.key("leaked")])
    }

    @Test("positions are not given again when every entry was forgotten and the file opened anew")
    func positions() async throws {
        let user = try await trial.begin()
        for _ in 0..<3 { _ = try await trial.revoke(trial.device(of: user)) }
        let end = try await store.endOfRevocations()
        clock.advance(by: Revocation.memory)
        #expect(try await store.forgetRevocations(limit: 10) == 3)
        try await store.close()

        let reopened = try SQLiteStore(path: folder.file("signet.db"), create: false, clock: clock)
        #expect(try await reopened.endOfRevocations() == end)
        let again = StoreTrial(store: reopened, clock: clock)
        let next = try await again.device(of: user)
        _ = try await again.revoke(next)

        let page = try await reopened.revocations(after: end, limit: 10)
        #expect(page.entries.map(\.revocation.subject) == [.session(next.session)])
        #expect(page.position.numbers == [end.numbers[0] + 1])
    }

    @Test("a session that was renewed between being found and being removed is not removed")
    func renewedMeanwhile() async throws {
        let device = try await trial.device(of: trial.begin())
        clock.advance(by: .seconds(10 * 86_400))
        let gate = try await WriterGate(store.write)
        // By a policy of days it is dead; while it is found so, a renewal by one of months stands before the removal.
        let renewal = Task { try await trial.rotate(device.token(0)).decision }
        try await until { await store.write.passengers == 1 }
        let strict = PolicyDefaults(idleLifetime: .limited(.seconds(86_400)), absoluteLifetime: .limited(.seconds(86_400)))
        let removal = Task {
            try await store.forgetDeadSessions(
                after: nil, deadFor: .seconds(86_400), defaults: strict, limits: ForgettingLimits())
        }
        try await until { await store.write.passengers == 2 }
        try await gate.open()

        #expect(try await renewal.value == .rotate(to: 1))
        #expect(try await removal.value.count == 0)
        #expect(try await trial.standing(of: device)?.session.row.generation == 1)
    }

    @Test("two servers that clean up one file at a time remove each row once, and all of them")
    func twoServers() async throws {
        let other = try SQLiteStore(path: folder.file("signet.db"), create: false, clock: clock)
        let user = try await trial.begin()
        for _ in 0..<60 { _ = try await trial.revoke(trial.device(of: user)) }
        let live = try await trial.device(of: user)
        clock.advance(by: .seconds(7 * 86_400))
        try await trial.rotate(live.token(0))

        let totals = try await withThrowingTaskGroup(of: Forgotten.self) { group in
            for store in [store, other] {
                group.addTask {
                    var total = Forgotten()
                    try await ForgetExpired(
                        store: store, defaults: PolicyDefaults(), deadFor: .seconds(7 * 86_400),
                        limits: ForgettingLimits(looking: 10, removing: 3), clock: ManualClock()
                    ) { total += $0 }
                    return total
                }
            }
            return try await group.reduce(into: Forgotten()) { $0 += $1 }
        }

        #expect(totals == Forgotten(sessions: 60, revocations: 60))
        #expect(try await trial.standing(of: live)?.ending == nil)
    }

    @Test("both steps find what they look for by an index, and sort nothing")
    func plans() async throws {
        let looked: [(String, StatementArguments)] = [
            (SQLiteStore.selectSessionsAfter, ["user": "", "session": "", "limit": 1]),
            (SQLiteStore.selectForgettable, ["now": 0, "limit": 1]),
        ]
        let plans = try await store.readers.read { database in
            try looked.map { sql, arguments in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
            }
        }

        #expect(plans[0].first?.hasPrefix("SEARCH sessions USING PRIMARY KEY") == true, "\(plans[0])")
        #expect(plans[1].first?.contains("USING COVERING INDEX revocations_by_forget_at") == true, "\(plans[1])")
        #expect(!plans.joined().contains { $0.contains("TEMP B-TREE") })
    }
}
