import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("What is sent along with a renewal")
struct SentAlongTests {
    @Test("may be the user's id, the client's id and the access token, expired or not")
    func fits() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()

        let second = try await story.renew(
            first.refreshToken, keyed: .fresh, client: .signet, user: first.userID, accessToken: first.accessToken)
        story.clock.advance(by: .seconds(7 * 86_400))
        _ = try await story.renew(second.refreshToken, keyed: .fresh, accessToken: second.accessToken)
    }

    @Test("may be an older access token of the same session")
    func olderAccessToken() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let first = try await story.signIn()
        let second = try await story.renew(first.refreshToken, keyed: .fresh)

        _ = try await story.renew(second.refreshToken, keyed: .fresh, accessToken: first.accessToken)
    }

    @Test("is refused when it is another session's, another person's or no access token of ours, and nothing is lost")
    func doesNotFit() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let bob = try await story.user("Bob")
        let pair = try await story.signIn()
        let other = try await story.signIn()
        let bobs = try await story.signIn("Bob")
        let broken = Secret(String(pair.accessToken.plain.dropLast(2)) + "AA")

        for accessToken in [other.accessToken, bobs.accessToken, broken, Secret("rubbish"), Secret("")] {
            await #expect(throws: RenewalRefusal.mismatch(.accessToken)) {
                try await story.renew(pair.refreshToken, accessToken: accessToken)
            }
        }
        await #expect(throws: RenewalRefusal.mismatch(.user)) { try await story.renew(pair.refreshToken, user: bob.id) }
        await #expect(throws: RenewalRefusal.mismatch(.client)) { try await story.renew(pair.refreshToken, client: .signetCLI) }

        _ = try await story.renew(pair.refreshToken)
    }

    @Test("counts as nothing when it is an access token under a key that is not known, and is written down")
    func unknownKey() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()
        let elsewhere = try await StoryOnSQLite()
        try await elsewhere.story.user()
        let foreign = try await elsewhere.story.signIn().accessToken

        _ = try await story.renew(pair.refreshToken, accessToken: foreign)

        let entry = try await story.store.auditEntries(limit: 1).first?.entry
        #expect(entry?.event == .accessTokenUnderUnknownKey)
        #expect(entry?.sessionID == pair.sessionID)
    }

    @Test("may ask for less scope, for this access token alone")
    func narrowerScope() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user(roles: ["admin"])
        let first = try await story.signIn(scope: "account admin")

        let second = try await story.renew(first.refreshToken, keyed: .fresh, scope: "account")
        let third = try await story.renew(second.refreshToken, keyed: .fresh)

        #expect(second.scope == "account")
        #expect(try await story.claims(second.accessToken).scope == "account")
        #expect(third.scope == "account admin")
    }

    @Test("may ask for fewer APIs, for this access token alone")
    func fewerResources() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let app = try ClientID.fixture("notes-app")
        let apis = ["https://notes.example.com", "https://files.example.com"]
        try await story.store.addClient(.fixture(app, resources: apis))
        let first = try await story.signIn(client: app)

        let second = try await story.renew(first.refreshToken, keyed: .fresh, resources: [apis[1]])
        let third = try await story.renew(second.refreshToken, keyed: .fresh)

        #expect(try await story.claims(first.accessToken).audience == [apis[0], StoreTrial.issuer])
        #expect(try await story.claims(second.accessToken).audience == [apis[1], StoreTrial.issuer])
        #expect(try await story.claims(third.accessToken).audience == [apis[0], StoreTrial.issuer])
    }

    @Test("must not ask for more scope or more APIs than were granted, and nothing is lost")
    func wider() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()

        await #expect(throws: RenewalRefusal.mismatch(.scope)) {
            try await story.renew(pair.refreshToken, scope: "account admin")
        }
        await #expect(throws: RenewalRefusal.mismatch(.resource)) {
            try await story.renew(pair.refreshToken, resources: ["https://bank.example.com"])
        }

        _ = try await story.renew(pair.refreshToken)
    }
}
