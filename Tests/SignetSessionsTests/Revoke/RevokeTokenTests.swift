import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Giving a token back")
struct RevokeTokenTests {
    @Test("ends the session of a refresh token, also when it is given back twice")
    func ends() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()
        let other = try await story.signIn()
        let token = try #require(pair.refreshToken)

        try await story.revoke(token, client: .signet, origin: .fixture)
        try await story.revoke(token, client: .signet, origin: .fixture)

        #expect(try await story.ending(of: pair) == .signedOut)
        #expect(try await story.ending(of: other) == nil)
    }

    @Test("ends the session of an older generation's token too")
    func olderGeneration() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let second = try await story.renew(first.refreshToken, keyed: .fresh)
        _ = try await story.renew(second.refreshToken, keyed: .fresh)

        try await story.revoke(#require(first.refreshToken), client: nil, origin: .fixture)

        #expect(try await story.ending(of: first) == .signedOut)
    }

    @Test("is refused to another client")
    func otherClient() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()
        let token = try #require(pair.refreshToken)

        await #expect(throws: RevocationRefusal.otherClient) {
            try await story.revoke(token, client: .signetCLI, origin: .fixture)
        }

        #expect(try await story.ending(of: pair) == nil)
    }

    @Test("is done already for what is no token of ours")
    func rubbish() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let strange = RefreshKey(version: 1, material: Secret(Array(repeating: 1, count: 32)))
        let forged = RefreshToken(
            first: .random(systemRandomBytes), session: .random(systemRandomBytes), key: strange, systemRandomBytes)

        for text in [Secret(""), Secret("rubbish"), forged.text] {
            try await story.revoke(text, client: nil, origin: .unknown)
        }

        #expect(story.store.calls.isEmpty)
    }

    @Test("ends an access token alone, and its session lives on")
    func accessToken() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()
        let other = try await story.signIn()

        try await story.revoke(pair.accessToken, client: .signet, origin: .fixture)

        #expect(try await story.store.isTokenRevoked(story.claims(pair.accessToken).tokenID, keyID: "k"))
        #expect(try await !story.store.isTokenRevoked(story.claims(other.accessToken).tokenID, keyID: "k"))
        #expect(try await story.ending(of: pair) == nil)
    }

    @Test("is refused to another client for an access token too")
    func otherClientsAccessToken() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()

        await #expect(throws: RevocationRefusal.otherClient) {
            try await story.revoke(pair.accessToken, client: .signetCLI, origin: .fixture)
        }

        #expect(try await !story.store.isTokenRevoked(story.claims(pair.accessToken).tokenID, keyID: "k"))
        #expect(RevocationRefusal.unsupportedTokenType.code == .unsupportedTokenType)
    }

    @Test("hands a fault on")
    func fault() async throws {
        struct DatabaseAway: Error {}
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let token = try #require(try await story.signIn().refreshToken)
        story.store.intercept { _ in throw DatabaseAway() }

        await #expect(throws: DatabaseAway.self) { try await story.revoke(token, client: nil, origin: .unknown) }
    }
}
