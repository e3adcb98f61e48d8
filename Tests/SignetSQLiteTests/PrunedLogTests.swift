import SignetSQLite
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("A revocation log from which is deleted what may be forgotten", .timeLimit(.minutes(5)))
struct PrunedLogTests {
    @Test("has no gap for readers who resume from wherever they were, through random histories")
    func hasNoGap() async throws {
        // Side by side, for they mostly wait for the disk.
        let deleted = try await withThrowingTaskGroup(of: Int.self) { group in
            for seed in 0..<8 as Range<UInt64> {
                group.addTask {
                    var history = try await PrunedLogHistory(seed: seed)
                    for _ in 0..<80 { try await history.step() }
                    try await history.meet()
                    return history.deleted
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(deleted > 20)
    }

    @Test("goes on counting after its last entry was deleted, so that no position is ever given twice")
    func countsOn() async throws {
        var history = try await PrunedLogHistory(seed: 1)
        let first = try await history.revokeToken(expiringIn: .seconds(10))
        history.clock.advance(by: .seconds(310))
        try await history.prune()
        let end = try await history.store.endOfRevocations()

        let second = try await history.revokeToken(expiringIn: .seconds(10))

        let rest = try await history.store.revocations(after: end, limit: 10)
        #expect(!rest.isSnapshot)
        #expect(rest.entries.map(\.revocation.subject) == [second])
        #expect(rest.position.numbers[0] == end.numbers[0] + 1)
        #expect(first != second)
    }
}

/// A log, those who read it, and everything that was ever written to it.
private struct PrunedLogHistory {
    private struct Reader {
        var position: FeedPosition?
        var known: Set<RevokedSubject> = []
        var isLive = false
    }

    let store: SQLiteStore
    let clock = ManualClock()
    private(set) var deleted = 0

    private let seed: UInt64
    private let folder: TemporaryFolder
    private let trial: StoreTrial
    private let user: User
    private var generator: SplitMix64
    private var readers = [Reader()]
    private var everWritten: [(subject: RevokedSubject, forgetAt: UnixTime)] = []

    init(seed: UInt64) async throws {
        self.seed = seed
        generator = SplitMix64(seed: seed)
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
        trial = StoreTrial(store: store, clock: clock)
        user = try await trial.begin()
    }

    mutating func step() async throws {
        switch generator.below(10) {
        case 0..<3: try await revokeToken(expiringIn: .seconds(1 + generator.below(3600)))
        case 3: try await revokeSession()
        case 4: clock.advance(by: .seconds(generator.below(1500)))
        case 5: try await prune()
        case 6: readers.append(Reader())
        case 7: try await meet()
        default: try await read(generator.below(readers.count))
        }
    }

    /// Every reader comes back and reads to the end: then it knows what is live, or has known it when it came.
    mutating func meet() async throws {
        for index in readers.indices {
            repeat { try await read(index) } while !readers[index].isLive
            let missed = everWritten.filter { $0.forgetAt > clock.now && !readers[index].known.contains($0.subject) }
            #expect(missed.isEmpty, "seed \(seed), reader \(index)")
        }
    }

    mutating func prune() async throws {
        // In small steps, which may stop anywhere.
        deleted += try await store.forgetRevocations(limit: 1 + generator.below(5))
    }

    @discardableResult
    mutating func revokeToken(expiringIn lifetime: Duration) async throws -> RevokedSubject {
        let token = AccessToken(
            issuer: StoreTrial.issuer, subject: user.id.description, audience: [StoreTrial.issuer], clientID: "signet",
            issuedAt: clock.now, expiresAt: clock.now.advanced(by: lifetime), tokenID: "t\(everWritten.count)")
        _ = try await store.revokeToken(TokenRevocation(token: token, actor: .user, origin: .fixture))
        everWritten.append((.token(token.tokenID), token.expiresAt.advanced(by: AccessTokenRules.largestLeeway)))
        return .token(token.tokenID)
    }

    private mutating func revokeSession() async throws {
        let device = try await trial.device(of: user)
        _ = try await trial.revoke(device)
        everWritten.append((.session(device.session), clock.now.advanced(by: Revocation.memory)))
    }

    /// One page, a short one, so that readers stop in the middle.
    private mutating func read(_ index: Int) async throws {
        var reader = readers[index]
        let page = try await store.revocations(after: reader.position, limit: 1 + generator.below(4))
        #expect(page.isSnapshot == (reader.position == nil), "seed \(seed): a reader who comes back need not begin anew")
        for entry in page.entries {
            let isNew = reader.known.insert(entry.revocation.subject).inserted
            #expect(isNew, "seed \(seed): nothing comes twice")
        }
        reader.position = page.position
        reader.isLive = !page.hasMore
        readers[index] = reader
    }
}
