import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@Suite("Random histories of honest clients and thieves")
struct RandomHistoriesTests {
    @Test("keep DESIGN.md's promises, a hundred thousand of them")
    func abstractTokens() async {
        let found = await Self.firstViolation(seeds: 0..<100_000)

        if let found { Issue.record("\(found)") }
    }

    @Test("keep them with real refresh tokens as well")
    func realTokens() async {
        let found = await Self.firstViolation(seeds: 1_000_000..<1_003_000, isReal: true)

        if let found { Issue.record("\(found)") }
    }

    @Test("reach every line of the table many times")
    func coverage() {
        let counts = Mutex<[String: Int]>([:])
        let counting: RotationTable = { presented, row, policy, recovery, now in
            let decision = Self.table(presented, row, policy, recovery, now)
            let line = String("\(decision)".prefix { $0 != "(" })
            counts.withLock { $0[line, default: 0] += 1 }
            return decision
        }
        let session = FreshSession()

        for seed in UInt64(0)..<1000 {
            var history = RandomHistory(seed: seed, table: counting, session: session, isReal: false)
            _ = history.violation()
        }

        let lines = [
            "rotate", "recover", "keepToken", "repeatSuccessor", "tryAgain", "ahead", "revoke", "refuse", "declined",
            "staleIdempotencyKey",
        ]
        counts.withLock { counts in
            for line in lines { #expect(counts[line, default: 0] >= 20, "\(line)") }
        }
    }

    /// The first seed whose history breaks a promise, told step by step.
    static func firstViolation(
        seeds: Range<UInt64>, isReal: Bool = false, table: @escaping RotationTable = Self.table
    ) async -> String? {
        let session = FreshSession()
        let share = UInt64(seeds.count + 7) / 8
        return await withTaskGroup(of: UInt64?.self) { group in
            for start in stride(from: seeds.lowerBound, to: seeds.upperBound, by: Int(share)) {
                group.addTask {
                    (start..<min(start + share, seeds.upperBound)).first { seed in
                        guard !Task.isCancelled else { return false }
                        var history = RandomHistory(seed: seed, table: table, session: session, isReal: isReal)
                        return history.violation() != nil
                    }
                }
            }
            for await seed in group {
                guard let seed else { continue }
                group.cancelAll()
                return told(seed, session: session, isReal: isReal, table: table)
            }
            return nil
        }
    }

    /// The table that Signet uses.
    static let table: RotationTable = { presented, row, policy, recovery, now in
        SessionRow.decision(for: presented, row: row, policy: policy, recovery: recovery, now: now)
    }

    private static func told(_ seed: UInt64, session: FreshSession, isReal: Bool, table: @escaping RotationTable) -> String {
        var history = RandomHistory(seed: seed, table: table, session: session, isReal: isReal, isTold: true)
        let violation = history.violation() ?? "nothing, the second time"
        return "seed \(seed): \(violation)\n" + (history.story ?? []).joined(separator: "\n")
    }
}
