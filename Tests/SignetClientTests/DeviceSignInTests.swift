import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Signing in on a device without a browser")
struct DeviceSignInTests {
    let scene: Scene
    let door: FakeDeviceDoor

    init() {
        scene = Scene()
        door = FakeDeviceDoor(scene.server)
    }

    @Test("the prompt says what the person needs, and the session is stored once the person has said yes")
    func signsIn() async throws {
        door.decide(.confirmed, afterPolls: 3)
        let client = client()

        let prompt = try await client.beginDeviceSignIn(device: "Living room TV", scope: "account")
        #expect(prompt.userCode == "WDJB-MJHT")
        #expect(prompt.verificationURL.absoluteString == "https://id.example.com/activate")
        #expect(prompt.completeVerificationURL?.absoluteString == "https://id.example.com/activate?user_code=WDJB-MJHT")
        #expect(prompt.expiresAt == scene.wall.now.advanced(by: .seconds(600)))
        #expect(scene.store.read() == nil)
        try await client.finishSignIn(prompt)

        #expect(scene.store.read()?.deviceName == "Living room TV")
        let begun = try #require(scene.server.requests("/oauth/device_authorization").first)
        #expect(begun.form("device_name") == "Living room TV" && begun.form("scope") == "account")
        #expect(door.with(\.gaps) == [.seconds(5), .seconds(5), .seconds(5)])
        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test(
        "the server sets the pace; five seconds where it sets none, and never without a pause",
        arguments: [(nil, 5), (7, 7), (0, 1), (-3, 1)] as [(Int64?, Int)])
    func interval(named: Int64?, seconds: Int) async throws {
        door.with { $0.interval = named }
        door.decide(.confirmed, afterPolls: 2)

        try await signIn(client())

        #expect(door.with(\.gaps) == [.seconds(seconds), .seconds(seconds)])
    }

    @Test("each slow_down adds five seconds, for good")
    func slowDown() async throws {
        door.with { $0.slowDowns = 2 }
        door.decide(.confirmed, afterPolls: 5)

        try await signIn(client())

        #expect(door.with(\.gaps) == [5, 10, 15, 15, 15].map { .seconds($0) })
    }

    @Test("while the server does not answer it is asked ever more seldom, and at its own pace again afterwards")
    func backsOff() async throws {
        for _ in 0..<5 { scene.server.script("/oauth/token", .loseRequest) }
        door.decide(.confirmed, afterPolls: 2)

        try await signIn(client())

        // 5, 10, 20, 40, 60 and 60 seconds, of which the server only saw the last.
        #expect(door.with(\.gaps) == [.seconds(195), .seconds(5)])
    }

    @Test(
        "nothing that is not the server's word ends the waiting",
        arguments: [
            (500, "application/json", #"{"error":"server_error"}"#), (503, "text/html", "<html>"),
            (429, "application/json", "{}"),
            (200, "text/html", "<html>"), (200, "application/json", "{}"), (302, "text/html", ""), (404, "text/html", "<html>"),
            (400, "text/html", "access_denied"), (403, "text/plain", ""), (502, "text/html", ""),
        ])
    func goesOn(status: Int, type: String, body: String) async throws {
        scene.server.script("/oauth/token", .answer(status, [.contentType: type, .retryAfter: "33"], body))
        door.decide(.confirmed, afterPolls: 1)

        try await signIn(client())

        #expect(scene.store.read() != nil)
        // The server's own wish to be left alone counts where it may have one.
        #expect(door.with(\.gaps) == [.seconds([429, 500, 502, 503].contains(status) ? 38 : 15)])
    }

    @Test(
        "the server's word does",
        arguments: [
            ("access_denied", .signInDeclined), ("expired_token", .signInExpired),
            ("invalid_grant", .refused(status: 400, code: "invalid_grant")),
            ("invalid_client", .refused(status: 400, code: "invalid_client")),
            ("unsupported_grant_type", .refused(status: 400, code: "unsupported_grant_type")),
        ] as [(String, SignetClientError)])
    func ends(code: String, error: SignetClientError) async throws {
        scene.server.script("/oauth/token", .answer(400, [.contentType: "application/json"], #"{"error":"\#(code)"}"#))

        #expect(await failure { try await signIn(client()) } == error)
        #expect(scene.server.renewals.count == 1)
        #expect(scene.store.read() == nil)
    }

    @Test("a person who says no, and one who says nothing")
    func declined() async throws {
        door.decide(.declined, afterPolls: 2)
        #expect(await failure { try await signIn(client()) } == .signInDeclined)

        door.with { $0.lifetime = 12 }
        let before = door.with(\.gaps.count)
        #expect(await failure { try await signIn(client()) } == .signInExpired)
        // After 5 and 10 seconds; after 12 there is nothing left to ask for.
        #expect(door.with(\.gaps.count) == before + 2)
        #expect(scene.store.read() == nil)
    }

    @Test("an answer with the tokens that got lost is told from a sign-in that never was")
    func lostTokens() async throws {
        scene.server.script("/oauth/token", .loseAnswer)
        door.decide(.confirmed, afterPolls: 1)

        #expect(await failure { try await signIn(client()) } == .signInLost)
        #expect(scene.store.read() == nil)
    }

    @Test("a server that does not know the grant, and one that tells nonsense, are found out before anything is shown")
    func begins() async throws {
        let path = "/oauth/device_authorization"
        let json: HTTPFields = [.contentType: "application/json"]
        let whole = #"{"device_code":"c","user_code":"U","verification_uri":"https://x.example","expires_in":9}"#
        let nonsense = [
            "{}", "[]", whole.replacing("https", with: "javascript"), whole.replacing("9", with: "0"),
            whole.replacing(#""U""#, with: #""""#), whole.replacing(#""U""#, with: #""\u001b[2J""#),
            whole.replacing(#""c""#, with: "7"),
        ]
        for text in nonsense {
            scene.server.script(path, .answer(200, json, text))
            #expect(await failure { try await client().beginDeviceSignIn() } == .faulty(status: 200), "\(text)")
        }
        scene.server.script(path, .answer(200, json, whole))
        #expect(try await client().beginDeviceSignIn().completeVerificationURL == nil)

        scene.server.script(path, .answer(400, json, #"{"error":"unauthorized_client"}"#), .answer(404, [:], ""), .loseRequest)
        let expected: [SignetClientError] = [
            .refused(status: 400, code: "unauthorized_client"), .faulty(status: 404),
            .network(TransportError("lost on the way there")),
        ]
        for error in expected { #expect(await failure { try await client().beginDeviceSignIn() } == error) }
    }

    @Test("a store that cannot be read is found out before anything is sent")
    func unreadable() async throws {
        let store = MoodyStore()
        let error = TokenStoreError(.unreadable, at: "a locked keychain")
        store.with { $0.readError = error }

        #expect(await failure { try await client(store: store).beginDeviceSignIn() } == .store(error))
        #expect(scene.server.with { $0.requests.isEmpty })
    }

    @Test("a session that cannot be stored is ended again")
    func unstorable() async throws {
        let store = MoodyStore()
        let error = TokenStoreError(.unwritable, at: "a full disk")
        store.with { $0.writeError = error }
        door.decide(.confirmed, afterPolls: 1)

        #expect(await failure { try await signIn(client(store: store)) } == .store(error))
        #expect(scene.liveRow == nil)
    }

    @Test("the device's old session is ended once the new one is stored, also when it was renewed meanwhile")
    func replaces() async throws {
        _ = try await scene.signedIn()
        let old = try #require(scene.store.read())
        let client = client()
        door.decide(.confirmed, afterPolls: 1)

        let prompt = try await client.beginDeviceSignIn()
        scene.pass(.seconds(300))
        _ = try await client.accessToken()
        try await client.finishSignIn(prompt)

        #expect(scene.server.with { $0.rows[old.sessionID]?.ending } == .signedOut)
        #expect(scene.liveRow != nil)
        #expect(scene.store.read()?.sessionID != old.sessionID)
    }

    @Test("nobody is put out by a sign-in that comes late: whoever signed in meanwhile stays, and the late session is ended")
    func late() async throws {
        let client = client()
        let prompt = try await client.beginDeviceSignIn()
        _ = try await scene.signedIn()
        let stored = try #require(scene.store.read())
        door.decide(.confirmed, afterPolls: 1)

        #expect(await failure { try await client.finishSignIn(prompt) } == .signedInMeanwhile)

        #expect(plain(scene.store.read()?.refreshToken) == plain(stored.refreshToken))
        #expect(scene.server.with { $0.rows.values.filter { $0.ending == nil }.count } == 1)
        #expect(scene.server.with { $0.rows[stored.sessionID]?.ending } == nil)
    }

    @Test("while a person is waited for the store is free")
    func unlocked() async throws {
        let client = client()
        let prompt = try await client.beginDeviceSignIn()
        await scene.server.gate.close()
        let waiting = Task { try await client.finishSignIn(prompt) }
        while await scene.server.gate.waiting == 0 { await Task.yield() }

        let lock = try #require(scene.store.lock())

        lock.release()
        waiting.cancel()
        await scene.server.gate.open()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(scene.store.read() == nil)
    }

    @Test("a death at any step leaves the one before signed in, or the new one")
    func dies() async throws {
        var deaths = 0
        for steps in 1...60 {
            let scene = Scene()
            let door = FakeDeviceDoor(scene.server)
            _ = try await scene.signedIn()
            let old = try #require(scene.store.read())
            door.decide(.confirmed, afterPolls: 2)

            let life = Life(steps: steps)
            let mortal = scene.client(
                store: MortalStore(store: scene.store, life: life),
                transport: MortalTransport(transport: scene.server, life: life), seed: 11)
            if let prompt = try? await mortal.beginDeviceSignIn() { try? await mortal.finishSignIn(prompt) }
            guard life.isOver else { break }
            deaths += 1

            let (_, response) = try await scene.client(seed: 12).data(for: request())
            #expect(response.statusCode == 200, "died at step \(steps)")
            let stored = try #require(scene.store.read())
            if stored.sessionID != old.sessionID { #expect(scene.server.with { $0.rows[stored.sessionID]?.ending } == nil) }
        }
        #expect((10..<60).contains(deaths))
    }

    private func client(store: (any TokenStore)? = nil) -> SignetClient {
        SignetClient(
            server: Scene.url, store: store ?? scene.store, origins: [Scene.api], transport: scene.server, clock: scene.wall,
            monotonicClock: ClockOfAll(scene: scene), randomBytes: seededRandomBytes(3))
    }

    private func signIn(_ client: SignetClient) async throws {
        try await client.finishSignIn(try await client.beginDeviceSignIn())
    }
}

/// A clock on which sleeping takes no time, for the device and the server alike.
struct ClockOfAll: WallClock {
    let scene: Scene

    var now: UnixTime { scene.monotonic.now }
    var minimumResolution: Duration { .milliseconds(1) }

    func sleep(until deadline: UnixTime, tolerance: Duration?) async throws {
        // The end of somebody's patience does not fly; see FlyingClock.
        guard tolerance == nil else { return try await scene.monotonic.sleep(until: deadline, tolerance: tolerance) }
        try Task.checkCancellation()
        await Task.yield()
        if deadline > now { scene.pass(now.duration(to: deadline)) }
    }
}
