import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Explaining a refresh token")
struct ExplainRefreshTokenTests {
    private static let window: Duration = .seconds(60)

    @Test("the current token would be renewed, and everything is told that helps")
    func current() async throws {
        let server = try await Explained()
        let pair = try await server.story.signIn()
        server.story.clock.advance(by: .seconds(180))

        let explanation = try await server.explain(pair.refreshToken)

        #expect(
            explanation.lines == [
                "It would be accepted: it is its session's current token; a renewal would bring the next one, generation 1.",
                "kind: refresh token", "key_version: 1", "user_id: \(pair.userID)", "session_id: \(pair.sessionID)",
                "generation: 0", "genuine: yes", "username: Ada", "device_name: Laptop", "session_client_id: signet",
                "client_name: Signet", "session_scope: account", "created_at: 2023-11-14T22:13:20Z (3 minutes ago)",
                "last_renewed_at: 2023-11-14T22:13:20Z (3 minutes ago)", "idle_expires_at: 2023-12-14T22:13:20Z (in 29 days)",
                "absolute_expires_at: 2024-11-13T22:13:20Z (in 364 days)", "session_generation: 0",
            ])
        #expect(explanation.json["verdict"] == "accepted")
        #expect(explanation.json["generation"] == 0)
        #expect(explanation.json["genuine"] == true)
        #expect(explanation.json["created_at"] == "2023-11-14T22:13:20Z")
    }

    @Test("inside the window after a keyless renewal both tokens are good, and at its end the spent one is not")
    func window() async throws {
        let server = try await Explained()
        let first = try await server.story.signIn()
        let second = try await server.story.renew(first.refreshToken)

        server.story.clock.advance(by: Self.window - .milliseconds(1))
        try await expect(
            .accepted, "it was renewed 59 seconds ago, and within the window its successor would be given once more",
            first, server)
        try await expect(.accepted, "a renewal would bring an access token, and leave this one as it is", second, server)

        server.story.clock.advance(by: .milliseconds(1))
        try await expect(.refused, "it is spent: its session is at generation 1; to present it is a reuse", first, server)
        try await expect(.accepted, "a renewal would bring the next one, generation 2", second, server)
    }

    @Test("after a renewal with an idempotency key the spent token is good only for whoever has that key")
    func keyed() async throws {
        let server = try await Explained()
        let first = try await server.story.signIn()
        _ = try await server.story.renew(first.refreshToken, keyed: .fresh)

        try await expect(.refused, "another renewal of it won now", first, server)
        server.story.clock.advance(by: Self.window)
        try await expect(
            .refused, "it was renewed 1 minute ago with an idempotency key. With that key its successor would be given once more",
            first, server)
    }

    @Test("a token of two generations ago is spent for good, and one that nobody was given is a reuse as well")
    func reuse() async throws {
        let server = try await Explained()
        let first = try await server.story.signIn()
        let second = try await server.story.renew(first.refreshToken, keyed: .fresh)
        let third = try await server.story.renew(second.refreshToken, keyed: .fresh)

        try await expect(.refused, "it is spent: its session is at generation 2", first, server)

        let ring = await server.story.ring.current()
        let other = try await server.story.signIn()
        let strange = RefreshToken(
            first: other.userID, session: other.sessionID, key: ring.refreshKey, seededRandomBytes(1))
        let explanation = try await server.explain(strange.text)
        #expect(explanation.verdict == .refused)
        #expect(explanation.reason.contains("it is not the token that its session was given in this generation"))
        // To ask has ended nothing.
        #expect(try await server.story.ending(of: third) == nil)
        #expect(try await server.story.ending(of: other) == nil)
    }

    @Test("a token that is newer than the database is told to be so")
    func ahead() async throws {
        let server = try await Explained()
        let pair = try await server.story.signIn()
        let ring = await server.story.ring.current()
        let text = try #require(pair.refreshToken)
        let token = try #require(RefreshToken(parsing: text))
        let next = token.successor(under: ring.refreshKey, salt: ring.salt.salt(of: pair.sessionID))

        let explanation = try await server.explain(next.text)

        #expect(explanation.verdict == .refused)
        #expect(explanation.reason.contains("it is newer than the database, which knows generation 0 alone"))
    }

    @Test(
        "a session that has ended tells how, and when",
        arguments: [
            ("signed_out", "Ada signed this device out, 3 minutes ago"),
            ("revoked_by_user", "Ada signed it out from another device, 3 minutes ago"),
            ("revoked_by_admin", "an operator ended it, 3 minutes ago"),
            ("reused", "a spent refresh token was presented again, 3 minutes ago"),
            ("user_disabled", "Ada was disabled, 3 minutes ago"),
            ("password_changed", "Ada's password was changed, 3 minutes ago"),
            ("client_removed", "its client was removed, 3 minutes ago"),
            ("replaced", "the same device signed in again, 3 minutes ago"),
        ])
    func ended(reason: String, sentence: String) async throws {
        let server = try await Explained()
        let app = try ClientID.fixture("notes-app")
        try await server.story.store.addClient(.fixture(app))
        let pair = try await server.story.signIn(client: app)
        server.story.clock.advance(by: .seconds(5))
        try await end(pair, as: reason, app, server)
        server.story.clock.advance(by: .seconds(180))

        let explanation = try await server.explain(pair.refreshToken)

        #expect(explanation.verdict == .refused)
        #expect(explanation.reason == "its session has ended: " + sentence)
        #expect(explanation.fact("ending") == reason)
        #expect(explanation.fact("ended_at") == "2023-11-14T22:13:25Z (3 minutes ago)")
    }

    @Test("a session that has expired tells which lifetime was over, and when")
    func expired() async throws {
        let server = try await Explained(
            defaults: PolicyDefaults(idleLifetime: .limited(.seconds(1000)), absoluteLifetime: .limited(.seconds(2000))))
        let idle = try await server.story.signIn()
        var renewed = try await server.story.signIn()
        server.story.clock.advance(by: .seconds(900))
        renewed = try await server.story.renew(renewed.refreshToken)
        server.story.clock.advance(by: .seconds(700))
        try await expect(
            .refused, "its session has ended: it was not renewed within its idle lifetime, 10 minutes ago", idle, server)

        renewed = try await server.story.renew(renewed.refreshToken)
        server.story.clock.advance(by: .seconds(520))
        try await expect(
            .refused, "its session has ended: it reached its absolute lifetime, 2 minutes ago", renewed, server)
    }

    @Test("a session that was never there, or was forgotten, is told so")
    func unknown() async throws {
        let server = try await Explained()
        let ring = await server.story.ring.current()
        let stranger = RefreshToken(first: .ada, session: .laptop, key: ring.refreshKey, seededRandomBytes(1))

        let explanation = try await server.explain(stranger.text)

        #expect(explanation.verdict == .refused)
        #expect(explanation.reason.contains("there is no such session; one that ended long ago is forgotten"))
        #expect(explanation.fact("genuine") == "yes")
    }

    @Test("a token of another server is told by its key version or by its tag, before the database is asked")
    func foreign() async throws {
        let server = try await Explained()
        let before = server.story.store.calls.count
        for (version, reason) in [
            (UInt8(1), "its tag does not fit"), (9, "it was made under refresh key 9, which this server does not have"),
        ] {
            let foreign = RefreshToken(first: .ada, session: .laptop, key: .seeded(version: version), seededRandomBytes(1))

            let explanation = try await server.explain(foreign.text)

            #expect(explanation.verdict == .refused)
            #expect(explanation.reason.contains(reason), "\(explanation.reason)")
            #expect(explanation.fact("username") == nil)
        }
        #expect(server.story.store.calls.count == before)
    }

    @Test("a client that may not renew is told so")
    func grant() async throws {
        let server = try await Explained()
        let app = try ClientID.fixture("sign-in-only")
        try await server.story.store.addClient(.fixture(app, grants: [.passwordSignIn]))
        let pair = try await server.story.signIn(client: app)
        let ring = await server.story.ring.current()
        let token = RefreshToken(first: pair.userID, session: pair.sessionID, key: ring.refreshKey, seededRandomBytes(1))

        let explanation = try await server.explain(token.text)

        #expect(explanation.verdict == .refused)
        #expect(explanation.reason.contains("not registered for the grant refresh_token"))
    }

    @Test("without the database only what stands in it is told")
    func offline() async throws {
        let server = try await Explained()
        let pair = try await server.story.signIn()

        let explanation = try await server.explainOffline(pair.refreshToken)

        #expect(
            explanation.lines == [
                "It cannot be told here: only the server that made a refresh token can tell what it is worth.",
                "kind: refresh token", "key_version: 1", "user_id: \(pair.userID)", "session_id: \(pair.sessionID)",
                "generation: 0",
            ])
    }

    @Test("to ask changes nothing, is not audited, and tells no secret")
    func harmless() async throws {
        let server = try await Explained()
        let first = try await server.story.signIn()
        let second = try await server.story.renew(first.refreshToken, keyed: .fresh)
        server.story.clock.advance(by: .seconds(3600))
        let audited = try await server.story.store.auditEntries(limit: 100).count
        let calls = server.story.store.calls.count

        for pair in [first, second] {
            for token in [pair.accessToken, try #require(pair.refreshToken)] {
                let explanation = try await server.explain(token)
                let said = explanation.lines.joined() + String(decoding: JSONValue.object(explanation.json).bytes, as: UTF8.self)
                #expect(!said.contains("sgr1_"))
                #expect(!said.contains("eyJ"))
            }
        }

        let asked = Set(server.story.store.calls.dropFirst(calls))
        #expect(asked.isSubset(of: ["standing(of:user:defaults:)", "isTokenRevoked(_:keyID:)", "client(_:)"]), "\(asked)")
        #expect(try await server.story.store.auditEntries(limit: 100).count == audited)
        #expect(try await server.story.ending(of: second) == nil)
    }

    private func expect(
        _ verdict: Explanation.Verdict, _ reason: String, _ pair: TokenPair, _ server: Explained,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let explanation = try await server.explain(pair.refreshToken)
        #expect(explanation.verdict == verdict, sourceLocation: sourceLocation)
        #expect(explanation.reason.contains(reason), "\(explanation.reason)", sourceLocation: sourceLocation)
    }

    private func end(_ pair: TokenPair, as reason: String, _ app: ClientID, _ server: Explained) async throws {
        let (store, user) = (server.story.store, pair.userID)
        switch try #require(SessionEnd(rawValue: reason)) {
        case .signedOut: try await server.signOut(pair)
        case .reused:
            let second = try await server.story.renew(pair.refreshToken, keyed: .fresh)
            _ = try await server.story.renew(second.refreshToken, keyed: .fresh)
            await #expect(throws: RenewalRefusal.reused) { try await server.story.renew(pair.refreshToken) }
        case .userDisabled: try await store.setDisabled(true, user: user, by: .admin)
        case .passwordChanged: try await store.setPassword(.fixture(), of: user, keeping: nil, by: .user)
        case .clientRemoved: try await store.removeClient(app, by: .admin)
        case .replaced: _ = try await server.story.signIn(client: app, bringing: pair.refreshToken)
        case let ending:
            _ = try await store.revokeSession(
                SessionRevocation(sessionID: pair.sessionID, userID: user, ending: ending, actor: .admin, origin: .unknown))
        }
    }
}
