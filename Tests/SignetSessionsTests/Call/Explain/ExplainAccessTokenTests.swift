import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Explaining an access token, or another JWT")
struct ExplainAccessTokenTests {
    private static let api = "https://notes.example.com"

    @Test("a good one would be accepted by the APIs that it names, and everything is told that helps")
    func good() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)
        server.story.clock.advance(by: .seconds(120))

        let explanation = try await server.explain(pair.accessToken)

        #expect(
            explanation.lines.first
                == "It would be accepted: it is genuine and for \(Self.api) and https://id.example.com, until it expires in 3 minutes."
        )
        let facts = [
            "kind": "access token", "algorithm": "ES256", "genuine": "yes", "key_state": "active",
            "issuer": "https://id.example.com", "subject": "\(pair.userID)", "session_id": "\(pair.sessionID)",
            "audience": "\(Self.api) https://id.example.com", "client_id": "notes-app", "scope": "notes", "username": "Ada",
            "device_name": "Laptop", "issued_at": "2023-11-14T22:13:20Z (2 minutes ago)",
            "expires_at": "2023-11-14T22:18:20Z (in 3 minutes)",
        ]
        for (name, value) in facts { #expect(explanation.fact(name) == value, "\(name)") }
    }

    @Test("asked about one API, it is judged for that one")
    func audience() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)

        #expect(try await server.explain(pair.accessToken, audience: Self.api).verdict == .accepted)
        let other = try await server.explain(pair.accessToken, audience: "https://bank.example.com")
        #expect(other.verdict == .refused)
        #expect(other.reason == "it is for \(Self.api) and https://id.example.com, and not for the API that is asked about")
        #expect(try await server.explainOffline(pair.accessToken, audience: "https://bank.example.com").reason == other.reason)
    }

    @Test("an expired one tells since when, and that clocks may be allowed 30 seconds")
    func expired() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)

        server.story.clock.advance(by: .seconds(300))
        #expect(
            try await server.explain(pair.accessToken).reason
                == "it expired now; an API that allows clocks 30 seconds takes it still")
        server.story.clock.advance(by: .seconds(180))
        for explanation in [try await server.explain(pair.accessToken), try await server.explainOffline(pair.accessToken)] {
            #expect(explanation.verdict == .refused)
            #expect(explanation.reason == "it expired 3 minutes ago")
        }
    }

    @Test("what has been revoked is told by what was: the token, its session, its client")
    func revoked() async throws {
        let server = try await Explained()
        let (itself, session, client) = (try await signedIn(server), try await signedIn(server), try await signedIn(server))
        try await server.story.revoke(itself.accessToken, client: nil, origin: .unknown)
        try await server.signOut(session)
        server.story.clock.advance(by: .seconds(60))

        #expect(try await server.explain(itself.accessToken).reason == "it was revoked itself, by its jti")
        #expect(
            try await server.explain(session.accessToken).reason
                == "its session has ended: Ada signed this device out, 1 minute ago")
        #expect(try await server.explain(client.accessToken).verdict == .accepted)
        try await server.story.store.removeClient(.fixture("notes-app"), by: .admin)
        #expect(try await server.explain(client.accessToken).reason == "its client notes-app was removed")
    }

    @Test("one whose session has only expired is good at APIs for as long as it has, and at Signet's own doors no more")
    func expiredSession() async throws {
        let server = try await Explained(
            defaults: PolicyDefaults(idleLifetime: .limited(.seconds(1000)), absoluteLifetime: .limited(.seconds(1000))))
        var pair = try await signedIn(server)
        server.story.clock.advance(by: .seconds(900))
        pair = try await server.story.renew(pair.refreshToken)
        server.story.clock.advance(by: .seconds(160))

        let explanation = try await server.explain(pair.accessToken)
        #expect(explanation.verdict == .accepted)
        #expect(
            explanation.reason
                == "by APIs that verify it themselves, until it expires in 2 minutes; Signet's own doors refuse it, for "
                + "its session has ended: it reached its absolute lifetime, 1 minute ago")
        #expect(try await server.explain(pair.accessToken, audience: "https://id.example.com").verdict == .refused)
    }

    @Test("a client's own token is good while the client is registered")
    func clientsOwn() async throws {
        let server = try await Explained()
        let app = try ClientID.fixture("worker")
        try await server.story.store.addClient(.fixture(app))
        let token = AccessToken(
            issuer: "https://id.example.com", subject: "worker", audience: [Self.api], clientID: "worker",
            issuedAt: .sometime, expiresAt: .sometime.advanced(by: .seconds(300)), tokenID: "1")

        #expect(try await server.explain(server.signed(token.claims)).verdict == .accepted)
        try await server.story.store.removeClient(app, by: .admin)
        #expect(try await server.explain(server.signed(token.claims)).reason == "its client worker was removed")
    }

    @Test("one that was signed by nobody here, or was changed, is told so, and nothing of the session that it names")
    func forged() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)
        let foreign = try await server.story.claims(pair.accessToken).signed(with: .seeded(9))
        let parts = pair.accessToken.plain.split(separator: ".")
        let changed = Secret("\(parts[0]).\(parts[1]).\(Base64URL.string(Array(repeating: 7, count: 64)))")

        for (text, reason) in [
            (foreign, "the key that it names is none of this server's, or is not published any more"),
            (changed, "its signature does not fit: it was changed, or another server made it"),
        ] {
            let explanation = try await server.explain(text)
            #expect(explanation.verdict == .refused)
            #expect(explanation.reason == reason)
            #expect(explanation.fact("genuine") == "no")
            #expect(explanation.fact("username") == nil)
        }
    }

    @Test(
        "a claim that no API takes is told, with the database and without",
        arguments: [
            ("iat", 1_700_000_200, "it is not valid before 2023-11-14T22:16:40Z, in 3 minutes"),
            ("exp", 1_700_003_601, "it lives for longer than an hour, which no Signet grants"),
            ("cnf", ["jkt": "x"], "it is bound to a key that whoever sends it has to prove (DPoP)"),
            ("aud", nil, "a claim that RFC 9068 requires is missing or of the wrong type"),
            ("scope", 7, "a claim that RFC 9068 requires is missing or of the wrong type"),
        ] as [(String, JSONValue?, String)])
    func claims(name: String, value: JSONValue?, reason: String) async throws {
        let server = try await Explained()
        var claims = try await server.claims(signedIn(server))
        claims[name] = value
        let text = try await server.signed(claims)

        for explanation in [try await server.explain(text), try await server.explainOffline(text)] {
            #expect(explanation.verdict == .refused)
            #expect(explanation.reason == reason)
        }
    }

    @Test("one whose signing key was revoked is told by that, for nobody can say any more who made it")
    func revokedKey() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)
        let story = server.story
        let keyID = await story.ring.current().signingKey.publicKey.keyID
        try await RetireSigningKey(
            ChangeKeys(store: story.store, keyFile: story.keyFile, clock: story.clock, randomBytes: systemRandomBytes)
        )(keyID, by: .admin)
        try await story.ring.catchUp()
        story.clock.advance(by: .seconds(120))

        let explanation = try await server.explain(
            pair.accessToken, signingKeys: story.store.foundation()?.signingKeys)

        #expect(explanation.reason == "the key that it names was revoked 2 minutes ago")
        #expect(explanation.fact("key_state") == "revoked")
        #expect(explanation.fact("genuine") == nil)
    }

    @Test("a token of another issuer under this server's key is none of this server's")
    func issuer() async throws {
        let server = try await Explained()
        var claims = try await server.claims(signedIn(server))
        claims["iss"] = "https://old.example.com"

        #expect(try await server.explain(server.signed(claims)).reason == "it is from another issuer than this server")
    }

    @Test(
        "an algorithm or a header that nobody takes is told, with the database and without",
        arguments: [
            (#"{"alg":"none","typ":"at+jwt"}"#, "its algorithm is not one that Signet accepts"),
            (#"{"alg":"ES256","typ":"at+jwt","crit":["x"]}"#, "its header asks for an extension that nobody here understands"),
        ])
    func headers(header: String, reason: String) async throws {
        let server = try await Explained()
        let claims = JSONValue.object(try await server.claims(signedIn(server))).bytes
        let text = Secret(try TestIssuer().token(header: Array(header.utf8), payload: claims))

        #expect(try await server.explain(text).reason == reason)
        #expect(try await server.explainOffline(text).reason == reason)
    }

    @Test("without the database nobody can tell who signed it, and that is said")
    func offline() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)

        let explanation = try await server.explainOffline(pair.accessToken)

        #expect(explanation.verdict == .unknown)
        #expect(explanation.reason.contains("only its issuer's keys can tell who signed it"))
        #expect(explanation.fact("genuine") == nil)
        #expect(explanation.fact("expires_at") == "2023-11-14T22:18:20Z (in 5 minutes)")
    }

    @Test("an event of the feed is good for its readers, and one of another server is not")
    func event() async throws {
        let server = try await Explained()
        let pair = try await signedIn(server)
        try await server.signOut(pair)
        let logged = try await server.story.store.revocations(after: nil, limit: 1)
        let revocation = try #require(logged.entries.first?.revocation)
        let ring = await server.story.ring.current()
        func event(_ issuer: String, _ key: SigningKey) throws -> Secret<String> {
            Secret(try SecurityEventToken.sign(revocation, issuer: issuer, with: key, at: server.story.clock.now))
        }
        server.story.clock.advance(by: .seconds(60))

        let good = try await server.explain(event(ring.issuer, ring.signingKey))
        #expect(good.verdict == .accepted)
        #expect(good.fact("kind") == "security event token")
        #expect(good.fact("revoked") == "session \(pair.sessionID)")
        #expect(good.fact("reason_admin") == "signed_out")
        #expect(good.fact("forget_at") == "2023-11-14T23:18:20Z (in 1 hour)")
        #expect(try await server.explain(event("https://other.example", ring.signingKey)).reason.contains("another issuer"))
        #expect(try await server.explain(event(ring.issuer, .seeded(9))).reason.contains("none of this server's"))
        #expect(try await server.explainOffline(event(ring.issuer, ring.signingKey)).verdict == .unknown)
    }

    @Test("any other JWT is told what it is, and whether this server signed it")
    func other() async throws {
        let server = try await Explained()
        let claims = try await server.claims(signedIn(server))

        let idToken = try await server.explain(server.signed(claims, type: "JWT"))
        let logout = try await server.explain(CompactJWS.sign(claims, type: "logout+jwt", with: .seeded(9)))

        #expect(idToken.verdict == .refused)
        #expect(idToken.reason.contains("an API takes only a JWT whose type is at+jwt"))
        #expect(idToken.fact("kind") == "id token, or another JWT that does not say what it is for")
        #expect(idToken.fact("genuine") == "yes")
        #expect(logout.fact("kind") == "logout token")
        #expect(logout.fact("genuine") == "no")
    }

    @Test("what is no token is told so, and not repeated")
    func rubbish() async throws {
        let server = try await Explained()

        let explanation = try await server.explain(Secret("correct horse"))

        #expect(explanation.verdict == .refused)
        #expect(explanation.lines.last == "kind: no token")
        #expect(!explanation.lines.joined().contains("horse"))
    }

    private func signedIn(_ server: Explained) async throws -> TokenPair {
        let app = try ClientID.fixture("notes-app")
        if try await server.story.store.client(app) == nil { try await server.story.store.addClient(.fixture(app)) }
        return try await server.story.signIn(client: app)
    }
}
