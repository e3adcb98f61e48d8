import SignetTestKit
import SignetTokens
import Testing

/// Tables with one line broken. If the histories did not find them out, they would prove nothing about the right one.
@Suite("Random histories find a broken table")
struct RandomHistoriesBrokenTables {
    @Test("within twenty thousand histories", arguments: BrokenTable.all)
    func isFound(_ broken: BrokenTable) async {
        let found = await RandomHistoriesTests.firstViolation(seeds: 0..<20_000, table: broken.table)

        #expect(found != nil, "the histories do not notice: \(broken)")
    }
}

/// Signet's table with one line changed.
struct BrokenTable: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let table: RotationTable

    private init(_ description: String, _ table: @escaping RotationTable) {
        testDescription = description
        self.table = table
    }

    private init(
        _ description: String, where isMeant: @escaping @Sendable (PresentedToken, SessionRow) -> Bool,
        _ right: RotationDecision, becomes wrong: RotationDecision
    ) {
        self.init(description) { presented, row, policy, recovery, now in
            let decision = RandomHistoriesTests.table(presented, row, policy, recovery, now)
            return decision == right && isMeant(presented, row) ? wrong : decision
        }
    }

    static let all = [
        Self("reuse of the previous token repeats", where: isPrevious, .revoke, becomes: .repeatSuccessor),
        Self("reuse of the previous token is told to wait", where: isPrevious, .revoke, becomes: .tryAgain),
        Self(
            "reuse of an older token is told to wait", where: { $0.generation + 1 < $1.generation }, .revoke, becomes: .tryAgain),
        Self(
            "another value of the live generation rotates", where: { $0.generation == $1.generation }, .revoke,
            becomes: .keepToken),
        Self("a race repeats whoever asks", where: { _, _ in true }, .tryAgain, becomes: .repeatSuccessor),
        Self("a race is reuse", where: { _, _ in true }, .tryAgain, becomes: .revoke),
        Self(
            "a keyless repeat is reuse",
            where: { $1.rotationKey == nil && $0.idempotencyKey == nil && $0.nonce != $1.rotationNonce }, .repeatSuccessor,
            becomes: .revoke),
        Self("a restored database takes a newer token for reuse", where: { _, _ in true }, .ahead, becomes: .revoke),
        Self("the same key is not looked at") { presented, row, policy, recovery, now in
            var presented = presented
            if presented.idempotencyKey != nil { presented.idempotencyKey = modelHash(.max) }
            return RandomHistoriesTests.table(presented, row, policy, recovery, now)
        },
        Self("the key of the last rotation is taken for a newer token") { presented, row, policy, recovery, now in
            let decision = RandomHistoriesTests.table(presented, row, policy, recovery, now)
            guard decision == .staleIdempotencyKey else { return decision }
            var presented = presented
            presented.idempotencyKey = modelHash(.max)
            return RandomHistoriesTests.table(presented, row, policy, recovery, now)
        },
        Self("whoever sends no key counts as keyless, whatever the last rotation had") { presented, row, policy, recovery, now in
            var row = row
            if presented.idempotencyKey == nil { row.rotationKey = nil }
            return RandomHistoriesTests.table(presented, row, policy, recovery, now)
        },
        Self("a keyless tab rotates although another one has just done so") { presented, row, policy, recovery, now in
            let decision = RandomHistoriesTests.table(presented, row, policy, recovery, now)
            return decision == .keepToken && policy.rotates ? .rotate(to: row.generation + 1) : decision
        },
        Self("the server does not know its own repeat") { presented, row, policy, recovery, now in
            var row = row
            row.rotationNonce = nil
            return RandomHistoriesTests.table(presented, row, policy, recovery, now)
        },
        Self("the window never closes") { presented, row, policy, recovery, now in
            var policy = policy
            policy.window = .seconds(1_000_000_000)
            return RandomHistoriesTests.table(presented, row, policy, recovery, now)
        },
        Self("there is no window") { presented, row, policy, recovery, now in
            var policy = policy
            policy.window = .zero
            return RandomHistoriesTests.table(presented, row, policy, recovery, now)
        },
    ]

    private static let isPrevious: @Sendable (PresentedToken, SessionRow) -> Bool = { presented, row in
        presented.hash == row.previous && presented.generation + 1 == row.generation
    }
}
