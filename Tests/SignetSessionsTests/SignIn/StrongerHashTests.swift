import NIOPosix
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Signing in while the password's hash changes")
struct StrongerHashTests {
    private let costly = PasswordCost(memory: 16, passes: 1, parallelism: 1)

    @Test("makes a hash stronger once the setting was raised, and only once")
    func strengthens() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let signIn = try raised(story)

        _ = try await signIn(request())
        #expect(try await story.store.credentials(of: .fixture("Ada"))?.passwordHash.cost == costly)

        _ = try await signIn(request())
        #expect(story.store.calls.count { $0.hasPrefix("strengthenPasswordHash") } == 1)
    }

    @Test("leaves a hash as it is for a wrong password")
    func leavesIt() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let signIn = try raised(story)

        await #expect(throws: SignInRefusal.wrongCredentials) { try await signIn(request(password: TestPassword.of("nobody"))) }

        #expect(try await story.store.credentials(of: .fixture("Ada"))?.passwordHash.cost == Story.cost)
    }

    @Test("signs the person in although the stronger hash cannot be kept")
    func survivesFailure() async throws {
        struct DiskFull: Error {}
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        story.store.intercept { if $0.hasPrefix("strengthenPasswordHash") { throw DiskFull() } }

        _ = try await raised(story)(request())
    }

    @Test("looks once more when another device has just made the hash stronger")
    func retries() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let user = try await story.user()
        let before = try #require(try await story.store.credentials(of: .fixture("Ada"))).passwordHash
        let stronger = try await hash(Story.password)
        let store = story.store
        store.intercept { method in
            guard method == "openSession(_:)" else { return }
            store.intercept(nil)
            try await store.strengthenPasswordHash(of: user.id, from: before, to: stronger)
        }

        _ = try await story.signIn()

        #expect(store.calls.count { $0 == "openSession(_:)" } == 2)
    }

    @Test("refuses the old password when it was changed meanwhile")
    func refusesOldPassword() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let user = try await story.user()
        let other = try await hash(TestPassword.of("ada-since-today"))
        let store = story.store
        store.intercept { method in
            guard method == "openSession(_:)" else { return }
            store.intercept(nil)
            try await store.setPassword(other, of: user.id, keeping: nil, by: .user)
        }

        await #expect(throws: SignInRefusal.wrongCredentials) { try await story.signIn() }

        #expect(store.calls.count { $0 == "openSession(_:)" } == 1)
    }

    private func raised(_ story: Story) throws -> SignIn {
        let passwords = try PasswordHasher(pool: .singleton, cost: costly, maximumWaiting: 10, randomBytes: systemRandomBytes)
        return SignIn(
            store: story.store, passwords: passwords, keys: story.ring, issue: story.issue, defaults: story.defaults,
            keeping: .network,
            clock: story.clock, randomBytes: systemRandomBytes)
    }

    private func hash(_ password: String) async throws -> PasswordHash {
        let hasher = try PasswordHasher(pool: .singleton, cost: costly, maximumWaiting: 10, randomBytes: systemRandomBytes)
        return try await hasher.hash(#require(Password(offered: Secret(password))))
    }

    private func request(password: String = Story.password) -> SignInRequest {
        SignInRequest(
            username: Username("Ada"), password: Password(offered: Secret(password)), origin: .fixture, deadline: .none)
    }
}
