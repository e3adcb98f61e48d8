import NIOPosix
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Hashing passwords", .timeLimit(.minutes(5)))
struct PasswordHasherTests {
    private let horse: Password

    init() throws {
        horse = try #require(Password(offered: Secret(TestPassword.ofKnownHash)))
    }

    @Test("gives the PHC string of the known answer, and takes it back")
    func knownAnswer() async throws {
        let expected = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"
        let hasher = try PasswordHasher(pool: .singleton, maximumWaiting: 1) { count in (0..<count).map(UInt8.init) }

        let hash = try await hasher.hash(horse)

        #expect(hash.text.plain == expected)
        #expect(try await hasher.verify(horse, against: PasswordHash(phc: Secret(expected))))
    }

    @Test("takes a new salt of 16 bytes each time, and makes a tag of 32")
    func salts() async throws {
        let hasher = try cheapHasher()

        let first = try await hasher.hash(horse).text.plain.split(separator: "$")
        let second = try await hasher.hash(horse).text.plain.split(separator: "$")

        #expect(first[3].count == 22)
        #expect(first[4].count == 43)
        #expect(first[3] != second[3])
        #expect(first[4] != second[4])
    }

    @Test("knows the password again, and no other one")
    func verifies() async throws {
        let hasher = try cheapHasher()
        let hash = try await hasher.hash(horse)
        let mule = try #require(Password(offered: Secret(TestPassword.of("mule"))))

        #expect(try await hasher.verify(horse, against: hash))
        #expect(try await !hasher.verify(mule, against: hash))
    }

    @Test("knows no password again where there is no hash")
    func verifiesNothing() async throws {
        #expect(try await !cheapHasher().verify(horse, against: nil))
    }

    @Test("tells a hash of lower cost, and none of the same or a higher one")
    func outdated() throws {
        let hasher = try PasswordHasher(
            pool: .singleton, cost: PasswordCost(memory: 16, passes: 1, parallelism: 1), maximumWaiting: 1,
            randomBytes: systemRandomBytes)

        #expect(hasher.isOutdated(.fixture(memory: 8)))
        #expect(!hasher.isOutdated(.fixture(memory: 16)))
        #expect(!hasher.isOutdated(.fixture(memory: 32)))
    }

    @Test("takes no more than the queue holds, refuses the next at once, and recovers")
    func boundedQueue() async throws {
        let pool = BlockedPool()
        let hasher = try PasswordHasher(pool: pool.pool, cost: Story.cost, maximumWaiting: 3, randomBytes: systemRandomBytes)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 { group.addTask { [horse] in try await hasher.verify(horse, against: nil) } }
            try await until { hasher.waiting == 3 }

            await #expect(throws: HashingOverloaded.self) { try await hasher.hash(horse) }
            await #expect(throws: HashingOverloaded.self) { try await hasher.verify(horse, against: nil) }

            pool.unblock()
            try await group.waitForAll()
        }

        #expect(hasher.waiting == 0)
        _ = try await hasher.hash(horse)
        try await pool.close()
    }

    private func cheapHasher() throws -> PasswordHasher {
        try PasswordHasher(pool: .singleton, cost: Story.cost, maximumWaiting: 10, randomBytes: systemRandomBytes)
    }
}
