import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Signing in", .timeLimit(.minutes(5)))
struct SignInTests {
    @Test("opens a session, and answers with its first two tokens")
    func opens() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let ada = try await story.user()

        let pair = try await story.signIn("ADA")

        #expect(pair.userID == ada.id)
        #expect(pair.expiresIn == .seconds(300))
        #expect(pair.refreshTokenExpiresIn == .seconds(30 * 86_400))
        #expect(pair.scope == "account")
        let claims = try await story.claims(pair.accessToken)
        #expect(claims.subject == ada.id.description)
        #expect(claims.sessionID == pair.sessionID)
        #expect(claims.authenticatedAt == story.clock.now)
        #expect(claims.authenticationMethods == ["pwd"])
        let token = try #require(pair.refreshToken.flatMap(RefreshToken.init(parsing:)))
        #expect(await story.ring.current().isGenuine(token))
        #expect(token.generation == 0)
        #expect(token.sessionID == pair.sessionID)
    }

    @Test("refuses an unknown name, a wrong password and a disabled user alike", arguments: Stranger.allCases)
    func wrongCredentials(stranger: Stranger) async throws {
        let fixture = try await StoryOnSQLite()
        try await stranger.prepare(fixture.story)

        await #expect(throws: SignInRefusal.wrongCredentials) { try await stranger.signIn(fixture.story) }

        #expect(!fixture.story.store.calls.contains("openSession(_:)"))
    }

    @Test("hashes a password for an unknown name and a disabled user as for a wrong password", arguments: Stranger.allCases)
    func costsTheSame(stranger: Stranger) async throws {
        let pool = BlockedPool()
        let fixture = try await StoryOnSQLite(pool: pool.pool)
        let story = fixture.story
        pool.unblock()
        try await stranger.prepare(story)
        pool.block()

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: SignInRefusal.wrongCredentials) { try await stranger.signIn(story) }
                // Whoever is answered had waited until a password could be hashed.
                #expect(pool.isUnblocked)
                pool.unblock()
            }
            try await until { story.passwords.waiting == 1 || pool.isUnblocked }
            pool.unblock()
            try await group.waitForAll()
        }

        #expect(story.passwords.waiting == 0)
        try await pool.close()
    }

    @Test("is refused in the same way for each of them when too many passwords are waiting", arguments: Stranger.allCases)
    func overloaded(stranger: Stranger) async throws {
        let fixture = try await StoryOnSQLite(maximumWaiting: 1)
        try await stranger.prepare(fixture.story)
        let full = try await StoryOnSQLite(maximumWaiting: 0)

        await #expect(throws: HashingOverloaded.self) { try await stranger.signIn(full.story) }
    }

    @Test("refuses what cannot be a name or a password without a look at the database")
    func notEvenCredentials() async throws {
        let fixture = try await StoryOnSQLite()

        await #expect(throws: SignInRefusal.wrongCredentials) { try await fixture.story.signIn("", password: "") }

        #expect(fixture.story.store.calls.isEmpty)
    }

    @Test("knows a password however its letters are composed")
    func composed() async throws {
        let fixture = try await StoryOnSQLite()
        try await fixture.story.user(password: "open-sesame, caf\u{E9} au lait, s'il vous pla\u{EE}t")

        _ = try await fixture.story.signIn(password: "open-sesame, cafe\u{301} au lait, s'il vous plai\u{302}t")
    }

    @Test("replaces the session whose refresh token the device brings")
    func replaces() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let old = try await story.signIn()

        let new = try await story.signIn(bringing: old.refreshToken)

        #expect(try await story.ending(of: old) == .replaced)
        #expect(try await story.ending(of: new) == nil)
    }

    @Test("replaces nothing for a token that is forged, another person's, or no token at all")
    func replacesNothing() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        try await story.user("Bob")
        let old = try await story.signIn()
        let text = try #require(old.refreshToken).plain
        let strangeKey = RefreshKey(version: 1, material: Secret(Array(repeating: 1, count: 32)))
        let forged = RefreshToken(first: old.userID, session: old.sessionID, key: strangeKey, systemRandomBytes)

        _ = try await story.signIn(bringing: forged.text)
        _ = try await story.signIn(bringing: Secret(text + "A"))
        _ = try await story.signIn("Bob", bringing: old.refreshToken)

        #expect(try await story.ending(of: old) == nil)
    }

    @Test("hands the client's refusals on")
    func clientRefused() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let nobody = try ClientID.fixture("nobody")

        await #expect(throws: SignInRefusal.unknownClient) { try await story.signIn(client: nobody) }
        await #expect(throws: SignInRefusal.scope) { try await story.signIn(scope: "unheard-of") }
        await #expect(throws: SignInRefusal.resource) { try await story.signIn(resource: "https://bank.example.com") }
    }

    @Test("gives no refresh token to a client that is not registered for renewals")
    func withoutRefreshToken() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let app = try ClientID.fixture("notes-app")
        try await story.store.addClient(.fixture(app, grants: [.passwordSignIn]))

        #expect(try await story.signIn(client: app).refreshToken == nil)
    }

    @Test("does not answer for a database that fails")
    func fault() async throws {
        struct DatabaseAway: Error {}
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        for method in ["credentials(of:)", "openSession(_:)"] {
            story.store.intercept { if $0 == method { throw DatabaseAway() } }

            await #expect(throws: DatabaseAway.self) { try await story.signIn() }
        }
    }
}

/// Who is refused with one and the same answer.
enum Stranger: CaseIterable {
    case unknown, wrong, disabled

    func prepare(_ story: Story) async throws {
        guard self != .unknown else { return }
        let user = try await story.user()
        if self == .disabled { try await story.store.setDisabled(true, user: user.id, by: .admin) }
    }

    func signIn(_ story: Story) async throws -> TokenPair {
        try await story.signIn(password: self == .disabled ? Story.password : TestPassword.of("nobody"))
    }
}
