import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Signing in and out")
struct SignInTests {
    let scene = Scene()

    @Test("both tokens are stored")
    func stores() async throws {
        _ = try await scene.signedIn()

        let stored = try #require(scene.store.read())
        #expect(stored.server == FakeSignet.origin)
        #expect(stored.deviceName == "Ada's laptop")
        #expect(stored.lifetime == .seconds(300))
        #expect(plain(stored.refreshToken)?.hasPrefix("sgr1_") == true)
        #expect(plain(stored.accessToken)?.hasPrefix("eyJ") == true)
        let sent = scene.server.requests("/v1/sessions").first?.body ?? ""
        #expect(sent.contains(#""client_id":"signet""#) && !sent.contains("refresh_token"))
    }

    @Test("a wrong password is told from everything else, and changes nothing")
    func wrongPassword() async throws {
        let client = try await scene.signedIn()
        let before = plain(scene.store.read()?.refreshToken)

        #expect(
            await failure { try await client.signIn(username: "ada", password: TestPassword.of("nobody")) } == .wrongCredentials)
        #expect(plain(scene.store.read()?.refreshToken) == before)
    }

    @Test(
        "what a sign-in may also get",
        arguments: [
            (401, "text/html", "<html>", .faulty(status: 401)),
            (
                401, "application/problem+json", #"{"title":"mfa_required","mfa_token":"t"}"#,
                .refused(status: 401, code: "mfa_required")
            ),
            (
                403, "application/problem+json", #"{"title":"Forbidden","detail":"Not a first-party client."}"#,
                .refused(status: 403, code: "Not a first-party client.")
            ),
            (429, "application/problem+json", "{}", .busy(status: 429, retryAfter: .seconds(9))),
            (503, "text/plain", "", .busy(status: 503, retryAfter: .seconds(9))),
            (201, "text/html", "<html>", .faulty(status: 201)),
            (200, "application/json", "{}", .faulty(status: 200)),
            (307, "text/html", "", .faulty(status: 307)),
        ] as [(Int, String, String, SignetClientError)])
    func otherAnswers(status: Int, type: String, body: String, error: SignetClientError) async throws {
        let client = scene.client()
        scene.server.script("/v1/sessions", .answer(status, [.contentType: type, .retryAfter: "9"], body))

        #expect(await failure { try await client.signIn(username: "ada", password: FakeSignet.password) } == error)
        #expect(scene.store.read() == nil)
    }

    @Test("signing in again replaces the device's session instead of adding one")
    func replaces() async throws {
        let client = try await scene.signedIn()
        let before = plain(scene.store.read()?.refreshToken) ?? ""

        try await client.signIn(username: "ada", password: FakeSignet.password)

        #expect(scene.server.requests("/v1/sessions").last?.body.contains(before) == true)
        #expect(scene.server.with { $0.rows.values.filter { $0.ending == nil }.count } == 1)
        _ = try await client.data(for: request())
    }

    @Test("the refresh token of another server is not sent along, but that session is replaced in the store")
    func otherServer() async throws {
        _ = try await scene.signedIn()
        let before = plain(scene.store.read()?.refreshToken) ?? ""

        try await scene.client(server: Scene.api).signIn(username: "ada", password: FakeSignet.password)

        #expect(scene.server.requests("/v1/sessions").last?.body.contains(before) == false)
        #expect(scene.store.read()?.server == "https://api.example.com")
    }

    @Test("a session that cannot be stored is ended again")
    func unstorable() async throws {
        let store = MoodyStore()
        let error = TokenStoreError(.unwritable, at: "a full disk")
        store.with { $0.writeError = error }

        #expect(
            await failure { try await scene.client(store: store).signIn(username: "ada", password: FakeSignet.password) }
                == .store(error))
        #expect(scene.liveRow == nil)
        #expect(scene.server.requests("/oauth/revoke").count == 1)
    }

    @Test("signing out ends the session at the server and empties the store")
    func signsOut() async throws {
        let client = try await scene.signedIn()

        try await client.signOut()

        #expect(scene.liveRow == nil)
        #expect(scene.store.read() == nil)
        #expect(await failure { try await client.accessToken() } == .notSignedIn)
        try await client.signOut()
        #expect(scene.server.requests("/oauth/revoke").count == 1)
    }

    @Test("signing out offline keeps the tokens, so that it can be done later; forgetting does not ask the server")
    func offline() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/oauth/revoke", .loseRequest, .answer(503, [:], ""))

        #expect(await failure { try await client.signOut() } == .network(TransportError("lost on the way there")))
        #expect(await failure { try await client.signOut() } == .busy(status: 503, retryAfter: nil))
        #expect(scene.store.read() != nil)
        try await client.forget()
        #expect(scene.store.read() == nil)
        #expect(scene.liveRow != nil)
    }

    @Test("lists the person's devices and signs one of them out")
    func devices() async throws {
        _ = try await scene.signedIn(store: MemoryTokenStore())
        let client = try await scene.signedIn()

        let devices = try await client.devices()
        let other = try #require(devices.first { !$0.isCurrent })

        #expect(devices.count == 2)
        #expect(devices.filter(\.isCurrent).map(\.id) == [scene.store.read()?.sessionID])
        #expect(try await client.revokeDevice(other.id))
        #expect(try await client.devices().map(\.id) == [scene.store.read()?.sessionID])
        #expect(try await !client.revokeDevice(.random(seededRandomBytes(99))))
    }

    @Test("calls one of the person's devices something else, and learns when there is none or the name is none")
    func renames() async throws {
        let client = try await scene.signedIn()
        let id = try #require(scene.store.read()?.sessionID)

        let renamed = try await client.renameDevice(id, to: "Ada's laptop")

        #expect(renamed?.id == id)
        #expect(renamed?.name == "Ada's laptop")
        #expect(renamed?.isCurrent == true)
        let request = try #require(scene.server.requests("/v1/sessions/\(id)").last)
        #expect(request.request.method == .patch)
        #expect(request.request.headerFields[.contentType] == "application/json")
        #expect(try await client.renameDevice(.random(seededRandomBytes(99)), to: "Nobody's") == nil)
        let error = await failure { try await client.renameDevice(id, to: "") }
        #expect(error == .refused(status: 400, code: "The member device_name is malformed."))
    }

    @Test("devices on several pages are one list")
    func pages() async throws {
        let client = try await scene.signedIn()
        let id = "018f0000-0000-7000-8000-00000000000"
        let json: HTTPFields = [.contentType: "application/json"]
        scene.server.script("/v1/sessions", .answer(200, json, #"{"sessions":[{"id":"\#(id)1"}],"next":"a/b"}"#))
        scene.server.script("/v1/sessions?after=a%2Fb", .answer(200, json, #"{"sessions":[{"id":"\#(id)2"}]}"#))

        #expect(try await client.devices().map(\.id.description) == [id + "1", id + "2"])
    }

    @Test("no token and no password in any description, mirror or error")
    func secrecy() async throws {
        let client = try await scene.signedIn()
        let stored = try #require(scene.store.read())
        let secrets = [plain(stored.accessToken), plain(stored.refreshToken), FakeSignet.password].compactMap(\.self)
        var texts: [String] = []
        dump(client, to: &texts[texts.append(at: "")])
        dump(stored, to: &texts[texts.append(at: "")])
        dump(scene.store, to: &texts[texts.append(at: "")])
        texts += [String(describing: client), String(reflecting: stored), String(describing: client.renewal)]
        // A server that echoes what it was sent.
        let echo = #"{"error":"\#(secrets[1])","reason":"\#(secrets[1])"}"#
        scene.pass(.seconds(300))
        scene.server.script("/oauth/token", .answer(401, [.contentType: "application/json"], echo))
        if let error = await failure(of: { try await client.accessToken() }) { texts += ["\(error)", String(reflecting: error)] }
        scene.server.script(
            "/oauth/token",
            .answer(400, [.contentType: "application/json"], #"{"error":"invalid_grant","reason":"\#(secrets[1])"}"#))
        if let error = await failure(of: { try await client.accessToken() }) { texts += ["\(error)", String(reflecting: error)] }

        #expect(texts.count == 10)
        for secret in secrets { #expect(!texts.contains { $0.contains(secret) }) }
    }
}

extension [String] {
    /// Appends and says where.
    fileprivate mutating func append(at text: String) -> Int {
        append(text)
        return count - 1
    }
}
