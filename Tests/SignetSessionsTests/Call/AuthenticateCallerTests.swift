import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Authenticating a caller")
struct AuthenticateCallerTests {
    @Test("knows who calls, and from which session")
    func knows() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let ada = try await story.user()
        let pair = try await story.signIn()

        let caller = try await story.authenticate(pair.accessToken, scope: "account")

        #expect(caller.userID == ada.id)
        #expect(caller.sessionID == pair.sessionID)
        #expect(caller.standing.username == "Ada")
        #expect(caller.token.clientID == "signet")
    }

    @Test("sees at once that the session has ended, whatever ended it")
    func ended() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let ada = try await story.user()
        let bob = try await story.user("Bob")
        let app = try ClientID.fixture("notes-app")
        try await story.store.addClient(.fixture(app, defaultScope: "account"))
        let signedOut = try await story.signIn()
        let ofRemovedClient = try await story.signIn(client: app)
        let disabled = try await story.signIn("Bob")

        try await story.revoke(#require(signedOut.refreshToken), client: nil, origin: .unknown)
        try await story.store.removeClient(app, by: .admin)
        try await story.store.setDisabled(true, user: bob.id, by: .admin)

        for pair in [signedOut, ofRemovedClient, disabled] {
            await #expect(throws: CallerRefusal.sessionEnded) {
                try await story.authenticate(pair.accessToken, scope: "account")
            }
        }
        #expect(try await story.authenticate(story.signIn().accessToken, scope: "account").userID == ada.id)
    }

    @Test("allows five seconds after the expiry, and no more")
    func expired() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()

        story.clock.advance(by: .milliseconds(304_999))
        _ = try await story.authenticate(pair.accessToken, scope: .none)

        story.clock.advance(by: .milliseconds(1))
        await #expect(throws: CallerRefusal.token(.expired)) { try await story.authenticate(pair.accessToken, scope: .none) }
    }

    @Test("wants the API that is called among the token's audiences, byte for byte")
    func audience() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let app = try ClientID.fixture("notes-app")
        try await story.store.addClient(.fixture(app))
        let pair = try await story.signIn(client: app)

        _ = try await story.authenticate(pair.accessToken, scope: .none)
        _ = try await story.authenticateBearer(pair.accessToken, audience: "https://notes.example.com", scope: .none)
        for audience in ["https://notes.example.com/", "https://notes.example.co", "https://bank.example.com", ""] {
            await #expect(throws: CallerRefusal.token(.wrongAudience)) {
                try await story.authenticateBearer(pair.accessToken, audience: audience, scope: .none)
            }
        }
    }

    @Test("wants every scope that is asked for")
    func scope() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()

        await #expect(throws: CallerRefusal.insufficientScope("account admin")) {
            try await story.authenticate(pair.accessToken, scope: "account admin")
        }
    }

    @Test("turns away what is no access token of this server", arguments: ["", "rubbish", "a.b.c", "sgr1_AAAA"])
    func rubbish(text: String) async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story

        await #expect(throws: CallerRefusal.token(.malformed)) { try await story.authenticate(Secret(text), scope: .none) }

        #expect(story.store.calls.isEmpty)
    }

    @Test("turns away another server's access token, and a refresh token, before the store is touched")
    func foreign() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let elsewhere = try await StoryOnSQLite()
        try await elsewhere.story.user()
        let pair = try await elsewhere.story.signIn()
        let refreshToken = try #require(pair.refreshToken)

        await #expect(throws: CallerRefusal.token(.unknownKey)) {
            try await story.authenticate(pair.accessToken, scope: .none)
        }
        await #expect(throws: CallerRefusal.token(.malformed)) { try await story.authenticate(refreshToken, scope: .none) }

        #expect(story.store.calls.isEmpty)
    }

    @Test("hands a fault on")
    func fault() async throws {
        struct DatabaseAway: Error {}
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let pair = try await story.signIn()
        story.store.intercept { _ in throw DatabaseAway() }

        await #expect(throws: DatabaseAway.self) { try await story.authenticate(pair.accessToken, scope: .none) }
    }
}
