import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Renewing a session")
struct RenewSessionTests {
    @Test("gives a new access token and the one successor of the refresh token")
    func firstRenewal() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        story.clock.advance(by: .seconds(600))

        let second = try await story.renew(first.refreshToken)

        let claims = try await story.claims(second.accessToken)
        #expect(claims.issuedAt == story.clock.now)
        #expect(claims.expiresAt == story.clock.now.advanced(by: .seconds(300)))
        #expect(claims.authenticatedAt == story.clock.now.advanced(by: .seconds(-600)))
        #expect(claims.sessionID == first.sessionID)
        #expect(try await claims.tokenID != story.claims(first.accessToken).tokenID)
        let token = try #require(second.refreshToken.flatMap(RefreshToken.init(parsing:)))
        #expect(token.generation == 1)
        #expect(second.refreshTokenExpiresIn == .seconds(30 * 86_400))
        _ = try await story.renew(second.refreshToken, keyed: .fresh)
    }

    @Test("gives the same refresh token again for the same key, and a new access token beside it")
    func repeats() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let key = IdempotencyKey.fresh
        let second = try await story.renew(first.refreshToken, keyed: key)
        story.clock.advance(by: .seconds(86_400))

        let again = try await story.renew(first.refreshToken, keyed: key)

        #expect(again.refreshToken?.plain == second.refreshToken?.plain)
        #expect(again.accessToken.plain != second.accessToken.plain)
        #expect(try await story.claims(again.accessToken).issuedAt == story.clock.now)
    }

    @Test("gives the same refresh token again after another refresh key took over, and then goes on under that one")
    func repeatsAcrossKeys() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let key = IdempotencyKey.fresh
        let second = try await story.renew(first.refreshToken, keyed: key)
        let renew = story.renew(with: try story.ringAfterKeyRotation())

        let again = try await renew(request(first.refreshToken, keyed: key))
        let third = try await renew(request(again.refreshToken, keyed: .fresh))

        #expect(again.refreshToken?.plain == second.refreshToken?.plain)
        let token = try #require(third.refreshToken.flatMap(RefreshToken.init(parsing:)))
        #expect(token.keyVersion == 2)
        #expect(token.generation == 2)
    }

    @Test("by a server that has not heard of the new key yet repeats and goes on as well")
    func repeatsAcrossServers() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let key = IdempotencyKey.fresh
        let second = try await story.renew(with: story.ringAfterKeyRotation())(request(first.refreshToken, keyed: key))

        let again = try await story.renew(first.refreshToken, keyed: key)
        let third = try await story.renew(again.refreshToken, keyed: .fresh)

        #expect(again.refreshToken?.plain == second.refreshToken?.plain)
        #expect(third.refreshToken.flatMap(RefreshToken.init(parsing:))?.keyVersion == 1)
    }

    @Test("without a key keeps the refresh token that the last keyless renewal gave, inside the window")
    func keepsToken() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let second = try await story.renew(first.refreshToken)

        let third = try await story.renew(second.refreshToken)

        #expect(third.refreshToken?.plain == second.refreshToken?.plain)
        #expect(third.accessToken.plain != second.accessToken.plain)
    }

    @Test("64 times at once gives one successor to all who have the same key")
    func races() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let key = IdempotencyKey.fresh

        let successors = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<64 {
                group.addTask { try await story.renew(first.refreshToken, keyed: key).refreshToken?.plain }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }

        #expect(successors.count == 1)
        #expect(successors != [nil])
    }

    @Test("with a spent token ends the session, for the thief and the owner alike")
    func reuse() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let second = try await story.renew(first.refreshToken, keyed: .fresh)
        let third = try await story.renew(second.refreshToken, keyed: .fresh)

        await #expect(throws: RenewalRefusal.reused) { try await story.renew(first.refreshToken, keyed: .fresh) }

        await #expect(throws: RenewalRefusal.ended(.reused)) { try await story.renew(third.refreshToken, keyed: .fresh) }
    }

    @Test("is asked to come again when another renewal has just won")
    func raced() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let second = try await story.renew(first.refreshToken, keyed: .fresh)

        await #expect(throws: RenewalRefusal.raced) { try await story.renew(first.refreshToken, keyed: .fresh) }

        _ = try await story.renew(second.refreshToken, keyed: .fresh)
    }

    @Test("says why the session has ended", arguments: [SessionEnd.signedOut, .revokedByUser, .revokedByAdmin])
    func ended(ending: SessionEnd) async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let ada = try await story.user()
        let pair = try await story.signIn()
        _ = try await story.store.revokeSessions(UserRevocation(userID: ada.id, ending: ending, actor: .user))

        await #expect(throws: RenewalRefusal.ended(ending)) { try await story.renew(pair.refreshToken) }
    }

    @Test("hands a fault on as it is, never as a refusal, and the token is good afterwards")
    func fault() async throws {
        struct DatabaseAway: Error {}
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()
        story.store.intercept { _ in throw DatabaseAway() }

        await #expect(throws: DatabaseAway.self) { try await story.renew(pair.refreshToken) }

        story.store.intercept(nil)
        _ = try await story.renew(pair.refreshToken)
    }

    private func request(_ token: Secret<String>?, keyed key: IdempotencyKey) throws -> RenewalRequest {
        RenewalRequest(refreshToken: try #require(token), idempotencyKey: key, origin: .fixture, deadline: .none)
    }
}
