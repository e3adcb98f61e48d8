import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Signing in by the browser")
struct BrowserSignInTests {
    let scene: Scene
    let door: FakeBrowserDoor

    static let redirect = URL(string: "http://127.0.0.1:51004/callback") ?? URL(filePath: "/")

    init() {
        scene = Scene()
        door = FakeBrowserDoor(scene.server)
    }

    @Test("the code is exchanged with its verifier, and the session stored")
    func signsIn() async throws {
        let client = scene.client()

        try await client.signIn(with: browser(), device: "Ada's laptop", scope: "account notes:read")

        #expect(scene.store.read()?.deviceName == "Ada's laptop")
        #expect(door.with(\.requests).first?["scope"] == "account notes:read")
        #expect(scene.server.renewals.first?.form("device_name") == "Ada's laptop")
        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test("APP-5: challenge, state and nonce are made afresh for each request, and the verifier is in none")
    func fresh() async throws {
        for _ in 0..<3 {
            try await scene.client(seed: 5).signIn(with: browser(), scope: "openid")
            try await scene.client(seed: 6).signIn(with: browser(), scope: "openid")
        }
        let client = scene.client(seed: 7)
        for _ in 0..<4 { try await client.signIn(with: browser(), scope: "openid") }

        let requests = door.with(\.requests)
        for name in ["code_challenge", "state", "nonce"] {
            #expect(Set(requests.suffix(4).map { $0[name] ?? "" }).count == 4, "\(name)")
            #expect(requests.allSatisfy { ($0[name] ?? "").utf8.count >= 22 }, "\(name)")
        }
        #expect(requests.allSatisfy { Set([$0["state"], $0["nonce"], $0["code_challenge"]]).count == 3 })
        let verifiers = scene.server.renewals.compactMap { $0.form("code_verifier") }
        #expect(requests.allSatisfy { request in !verifiers.contains { request.values.contains($0) } })
    }

    @Test(
        "APP-7: an answer that is not this request's, or does not say that it is this server's, is not used",
        arguments: [
            "{uri}?code=c&iss={iss}", "{uri}?code=c&state=&iss={iss}", "{uri}?code=c&state={state}x&iss={iss}",
            "{uri}?code=c&state={state}", "{uri}?code=c&state={state}&iss=https%3A%2F%2Fevil.example.com",
            "{uri}?code=c&state={state}&iss={iss}%2F", "{uri}?code=c&state={state}&iss=",
            "{uri}?code=c&state={state}&iss={iss}&iss={iss}", "{uri}?code=c&code=d&state={state}&iss={iss}",
            "{uri}?code=c&state={state}&state=x&iss={iss}", "{uri}?state={state}&iss={iss}",
            "{uri}?code=&state={state}&iss={iss}",
            "{uri}?code=c&error=access_denied&state={state}&iss={iss}", "{uri}/?code=c&state={state}&iss={iss}",
            "http://127.0.0.1:51005/callback?code=c&state={state}&iss={iss}", "{uri}#code=c&state={state}&iss={iss}",
            "http://localhost:51004/callback?code=c&state={state}&iss={iss}", "{uri}?code=%00&state={state}&iss={iss}",
            "https://127.0.0.1:51004/callback?code=c&state={state}&iss={iss}", "{uri}?error=access_denied&state=x&iss={iss}",
            "{uri}?error=access_denied&state={state}",
        ])
    func foreign(template: String) async throws {
        let browser = FakeBrowser(redirectURL: Self.redirect) { request in
            let state = URLComponents(url: request.url, resolvingAgainstBaseURL: false)?.queryItems?.first { $0.name == "state" }
            let text = template.replacing("{uri}", with: Self.redirect.absoluteString)
                .replacing("{state}", with: state?.value ?? "").replacing("{iss}", with: percentEncoded(FakeSignet.origin))
            return try #require(URL(string: text))
        }

        #expect(await failure { try await scene.client().signIn(with: browser) } == .foreignRedirect)

        #expect(scene.server.renewals.isEmpty)
        #expect(scene.store.read() == nil)
    }

    @Test("the redirect URL's own query comes back with it, and a fragment is nobody's business")
    func ownQuery() async throws {
        let redirect = try #require(URL(string: "com.example.app:/cb?tenant=7"))
        let request = try AuthorizationRequest(
            to: ServerAddress(Scene.url), clientID: .signet, redirectURL: redirect, scope: nil, randomBytes: seededRandomBytes(1))
        let state = URLComponents(url: request.url, resolvingAgainstBaseURL: false)?.queryItems?.first { $0.name == "state" }?
            .value
        let rest = "state=\(state ?? "")&code=a+b%2F&iss=\(percentEncoded(FakeSignet.origin))#_=_"

        let good = try #require(URL(string: "com.example.app:/cb?tenant=7&\(rest)"))
        let bad = try #require(URL(string: "com.example.app:/cb?\(rest)"))

        #expect(try plain(request.code(in: good)) == "a b/")
        #expect(throws: SignetClientError.foreignRedirect) { try request.code(in: bad) }
    }

    @Test(
        "the server's no is told apart",
        arguments: [
            ("access_denied", .signInDeclined), ("invalid_scope", .refused(status: 400, code: "invalid_scope")),
            ("server_error", .faulty(status: 500)), ("temporarily_unavailable", .busy(status: 503, retryAfter: nil)),
            ("sgr1_x", .refused(status: 400, code: "without a reason")),
        ] as [(String, SignetClientError)])
    func errors(code: String, error: SignetClientError) async throws {
        door.with { $0.error = code }

        #expect(await failure { try await scene.client().signIn(with: browser()) } == error)
        #expect(scene.server.renewals.isEmpty)
    }

    @Test("a code is sent once, whatever becomes of it; then nobody is signed in, and the next sign-in works")
    func once() async throws {
        let faults: [(FakeSignet.Fault, SignetClientError)] = [
            (.loseRequest, .network(TransportError("lost on the way there"))),
            (.loseAnswer, .network(TransportError("lost on the way back"))),
            (.answer(503, [:], ""), .busy(status: 503, retryAfter: nil)), (.answer(500, [:], ""), .faulty(status: 500)),
            (.answer(200, [.contentType: "text/html"], "<html>"), .faulty(status: 200)),
            (
                .answer(400, [.contentType: "application/json"], #"{"error":"invalid_grant"}"#),
                .refused(status: 400, code: "invalid_grant")
            ),
        ]
        for (fault, error) in faults {
            let before = scene.server.renewals.count
            scene.server.script("/oauth/token", fault)
            #expect(await failure { try await scene.client().signIn(with: browser()) } == error)
            #expect(scene.server.renewals.count == before + 1)
            #expect(scene.store.read() == nil)
        }

        try await scene.client().signIn(with: browser())

        #expect(scene.store.read() != nil)
        let codes = scene.server.renewals.compactMap { $0.form("code") }
        #expect(Set(codes).count == codes.count && codes.count == faults.count + 1)
    }

    @Test(
        "an id token that is not this sign-in's ends the session that it came with",
        arguments: [
            ["nonce": "another"], ["nonce": .null], ["aud": "other"], ["aud": ["other"]], ["iss": "https://evil.example.com"],
            ["exp": 1_600_000_000], ["exp": .null],
        ] as [JSONValue])
    func foreignIDToken(claims: JSONValue) async throws {
        door.with { $0.forgedClaims = claims.object }

        #expect(await failure { try await scene.client().signIn(with: browser(), scope: "openid") } == .foreignRedirect)

        #expect(scene.store.read() == nil)
        #expect(scene.liveRow == nil)
    }

    @Test("an id token for several audiences is good; without the scope none is asked for")
    func idToken() async throws {
        door.with { $0.forgedClaims = JSONValue.object(JSONObject([.init(name: "aud", value: ["other", "signet"])])).object }

        try await scene.client().signIn(with: browser(), scope: "openid account")
        try await scene.client().signIn(with: browser(), scope: "account")

        #expect(door.with(\.requests).map { $0["nonce"] == nil } == [false, true])
    }

    @Test("the device's old session is ended once the new one is stored")
    func replaces() async throws {
        let client = try await scene.signedIn()
        let old = try #require(scene.store.read())

        try await client.signIn(with: browser())

        #expect(scene.server.with { $0.rows[old.sessionID]?.ending } == .signedOut)
        #expect(scene.liveRow != nil && scene.store.read()?.sessionID != old.sessionID)
    }

    @Test("whoever signed in while the browser was open stays, and the late session is ended")
    func late() async throws {
        let browser = FakeBrowser(redirectURL: Self.redirect) { [scene, door] request in
            _ = try await scene.signedIn()
            return try #require(door.visit(request.url))
        }

        #expect(await failure { try await scene.client(seed: 9).signIn(with: browser) } == .signedInMeanwhile)

        let stored = try #require(scene.store.read())
        #expect(stored.deviceName == "Ada's laptop")
        #expect(scene.server.with { $0.rows.values.filter { $0.ending == nil }.count } == 1)
        #expect(scene.server.with { $0.rows[stored.sessionID]?.ending } == nil)
    }

    @Test("no browser is opened for a store that cannot be read, nor for a server that others can overhear")
    func nothingOpened() async throws {
        let shown = Mutex(0)
        let browser = FakeBrowser(redirectURL: Self.redirect) { _ in
            shown.withLock { $0 += 1 }
            return Self.redirect
        }
        let store = MoodyStore()
        let error = TokenStoreError(.unreadable, at: "a locked keychain")
        store.with { $0.readError = error }
        let insecure = try #require(URL(string: "http://id.example.com"))

        #expect(await failure { try await scene.client(store: store).signIn(with: browser) } == .store(error))
        #expect(
            await failure { try await scene.client(server: insecure).signIn(with: browser) } == .insecure("http://id.example.com")
        )
        #expect(shown.withLock(\.self) == 0)
    }

    @Test("a death at any step leaves the one before signed in, or the new one")
    func dies() async throws {
        var deaths = 0
        for steps in 1...60 {
            let scene = Scene()
            let door = FakeBrowserDoor(scene.server)
            _ = try await scene.signedIn()
            let life = Life(steps: steps)
            let mortal = scene.client(
                store: MortalStore(store: scene.store, life: life),
                transport: MortalTransport(transport: scene.server, life: life), seed: 11)

            try? await mortal.signIn(with: browser(door))
            guard life.isOver else { break }
            deaths += 1

            let (_, response) = try await scene.client(seed: 12).data(for: request())
            #expect(response.statusCode == 200, "died at step \(steps)")
        }
        #expect((8..<60).contains(deaths))
    }

    private func browser(_ door: FakeBrowserDoor? = nil) -> FakeBrowser {
        let door = door ?? self.door
        return FakeBrowser(redirectURL: Self.redirect) { request in try #require(door.visit(request.url)) }
    }
}
