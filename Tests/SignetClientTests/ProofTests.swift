import Crypto
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

@Suite("Tokens bound to a key of this device")
struct ProofTests {
    let scene: Scene
    let door: FakeProofDoor

    init() {
        scene = Scene()
        door = FakeProofDoor(scene.server)
    }

    @Test("DPO-7: a sign-in, a call with a query, a renewal and the devices, all under one key")
    func wholeStory() async throws {
        let client = try await signedIn()
        let key = try #require(scene.store.read()?.proofKey)

        let (_, first) = try await client.data(for: request("/notes?tag=a%20b"))
        scene.pass(.seconds(300))
        let (_, second) = try await client.data(for: request("/notes/1"))
        let devices = try await client.devices()

        #expect(first.statusCode == 200 && second.statusCode == 200 && devices.count == 1)
        #expect(scene.server.renewals.count == 1)
        #expect(door.with(\.complaints) == [])
        #expect(door.with(\.accepted) == 5)
        #expect(plain(scene.store.read()?.proofKey) == plain(key))
    }

    @Test("the next process goes on with the stored key, whether or not it binds new sign-ins", arguments: [true, false])
    func restart(isBinding: Bool) async throws {
        _ = try await signedIn()
        scene.pass(.seconds(300))

        let (_, response) = try await client(isBinding: isBinding, seed: 31).data(for: request())

        #expect(response.statusCode == 200)
        #expect(door.with(\.complaints) == [])
    }

    @Test("each sign-in has a key of its own, and without keys none")
    func freshKeys() async throws {
        _ = try await signedIn()
        let first = plain(scene.store.read()?.proofKey)
        _ = try await signedIn(seed: 30)
        #expect(plain(scene.store.read()?.proofKey) != first)

        _ = try await signedIn(isBinding: false)
        #expect(scene.store.read()?.proofKey == nil)
        let (_, response) = try await client(isBinding: false, seed: 32).data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test("tokens that leaked without their key are worth nothing")
    func leaked() async throws {
        _ = try await signedIn()
        let stored = try #require(scene.store.read())
        let thief = MemoryTokenStore(stored.with(proofKey: SoftwareProofKeys().make().reference))
        let bare = MemoryTokenStore(stored.with(proofKey: nil))

        let (_, asBearer) = try await client(store: bare, isBinding: false, seed: 33).data(for: request())
        let error = await failure { try await client(store: thief, seed: 34).data(for: request()) }

        #expect(asBearer.statusCode == 401)
        #expect(error == .signedOut(reason: nil))
        let (_, response) = try await client(seed: 35).data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test("a server that does not bind the tokens of a sign-in is told from one that does, and the session is ended again")
    func unboundSignIn() async throws {
        door.with { $0.isBinding = false }

        #expect(await failure { try await signedIn() } == .notBound)

        #expect(scene.store.read() == nil && scene.liveRow == nil)
    }

    @Test("a renewal that gives tokens for anyone is not taken, and the bound ones are kept")
    func unboundRenewal() async throws {
        let client = try await signedIn()
        let before = try #require(scene.store.read())
        scene.pass(.seconds(300))
        door.with { $0.isBinding = false }

        #expect(await failure { try await client.accessToken() } == .notBound)

        #expect(plain(scene.store.read()?.refreshToken) == plain(before.refreshToken))
        // It was rotated all the same; the stored key gets the same successor once the server is well.
        door.with { $0.isBinding = true }
        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test("tokens for the holder of a key are not taken where there is none")
    func unaskedBinding() async throws {
        scene.server.script(
            "/v1/sessions",
            .answer(
                201, [.contentType: "application/json"],
                #"{"access_token":"a","token_type":"DPoP","expires_in":300,"refresh_token":"r","scope":"","user_id":"#
                    + #""018f0000-0000-7000-8000-000000000001","session_id":"018f0000-0000-7000-8000-000000000002"}"#))

        #expect(await failure { try await signedIn(isBinding: false) } == .faulty(status: 201))
    }

    @Test("a key that cannot be used signs nobody out, and nothing is sent without it")
    func unusableKey() async throws {
        let keys = LockedKeys()
        let client = client(keys: keys)
        try await client.signIn(username: "ada", password: FakeSignet.password)
        keys.isLocked.withLock { $0 = true }
        let before = scene.server.with(\.requests.count)

        #expect(await failure { try await client.data(for: request()) } == .proofKeyUnusable)
        scene.pass(.seconds(300))
        #expect(await failure { try await client.data(for: request()) } == .proofKeyUnusable)
        #expect(await failure { try await client.signIn(username: "ada", password: FakeSignet.password) } == .proofKeyUnusable)
        #expect(scene.server.with(\.requests.count) == before)
        #expect(scene.store.read() != nil)

        keys.isLocked.withLock { $0 = false }
        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test("each step of a redirect has a proof of its own, also with a body, uploaded from a file")
    func redirects() async throws {
        let client = try await signedIn()
        scene.server.script("/notes", .answer(307, [.location: "/notes/2"], ""))
        let file = FileManager.default.temporaryDirectory.appending(path: "signet-proof-\(UUID().uuidString)")
        try Data("hello".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var call = request()
        call.httpMethod = "PUT"

        let (_, response) = try await client.upload(for: call, fromFile: file)

        #expect(response.statusCode == 200 && response.url?.path() == "/notes/2")
        #expect(scene.server.requests("/notes/2").map(\.body) == ["hello"])
        #expect(door.with(\.complaints) == [])
    }

    @Test("a device without a browser gets bound tokens as well, and is not told off for its proofs while it waits")
    func deviceCode() async throws {
        let scene = Scene()
        let device = FakeDeviceDoor(scene.server)
        let door = FakeProofDoor(scene.server)
        device.decide(.confirmed, afterPolls: 3)
        door.with { $0.nonces = [FakeSignet.origin: "n-1"] }
        let client = SignetClient(
            server: Scene.url, store: scene.store, origins: [Scene.api], transport: scene.server, clock: scene.wall,
            monotonicClock: ClockOfAll(scene: scene), randomBytes: seededRandomBytes(3), proofKeys: SoftwareProofKeys())

        try await client.finishSignIn(try await client.beginDeviceSignIn())

        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 200)
        #expect(scene.store.read()?.proofKey != nil)
        #expect(door.with(\.complaints) == ["/oauth/token: use_dpop_nonce"])
        // A refused proof is no question asked: the pace stays the server's.
        #expect(device.with(\.gaps) == [.seconds(5), .seconds(5), .seconds(5)])
    }

    @Test("DPO-9: the browser's request names the key, and a code whose proof was refused is still good")
    func browser() async throws {
        let scene = Scene()
        let pages = FakeBrowserDoor(scene.server)
        let door = FakeProofDoor(scene.server)
        door.with { $0.nonces = [FakeSignet.origin: "n-1"] }
        let browser = FakeBrowser(redirectURL: BrowserSignInTests.redirect) { try #require(pages.visit($0.url)) }
        let client = SignetClient(
            server: Scene.url, store: scene.store, origins: [Scene.api], transport: scene.server, clock: scene.wall,
            monotonicClock: scene.monotonic, randomBytes: seededRandomBytes(3), proofKeys: SoftwareProofKeys())

        try await client.signIn(with: browser)

        let named = try #require(pages.with(\.requests.first?["dpop_jkt"]))
        let session = try #require(scene.store.read()?.sessionID)
        #expect(door.with { $0.sessions[session] } == named)
        #expect(scene.server.renewals.count == 2)
        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 200)
    }

    @Test("a death in the middle of a bound renewal loses nothing")
    func dies() async throws {
        var deaths = 0
        for steps in 1...60 {
            let scene = Scene()
            let door = FakeProofDoor(scene.server)
            let first = SignetClient(
                server: Scene.url, store: scene.store, transport: scene.server, clock: scene.wall,
                monotonicClock: scene.monotonic,
                randomBytes: seededRandomBytes(2), proofKeys: SoftwareProofKeys())
            try await first.signIn(username: "ada", password: FakeSignet.password)
            scene.pass(.seconds(300))
            door.with { $0.nonces = [FakeSignet.origin: "n-1"] }

            let life = Life(steps: steps)
            _ = try? await scene.client(
                store: MortalStore(store: scene.store, life: life),
                transport: MortalTransport(transport: scene.server, life: life), seed: 11
            ).accessToken()
            guard life.isOver else { break }
            deaths += 1
            scene.pass(.seconds(90))

            let (_, response) = try await scene.client(seed: 12).data(for: request())
            #expect(response.statusCode == 200, "died at step \(steps)")
        }
        #expect((10..<60).contains(deaths))
    }

    @Test("the stored key comes back as it was, and a file that says one thing and holds another is damaged")
    func stored() throws {
        let bare = FileTokenStoreTests.session
        let bound = bare.with(proofKey: Secret([1, 2, 255]))

        let text = bound.json.reveal { String(decoding: copy $0, as: UTF8.self) }
        #expect(text.contains(#""version":2"#) && text.contains(#""proof_key":"AQL_""#))
        #expect(plain(StoredSession(json: bound.json)?.proofKey) == [1, 2, 255])
        #expect(StoredSession(json: bare.json)?.proofKey == nil && StoredSession(json: bare.json) != nil)

        let damaged = [
            text.replacing(#""version":2"#, with: #""version":1"#), text.replacing("AQL_", with: "AQL"),
            text.replacing("AQL_", with: ""),
            text.replacing(#""AQL_""#, with: "7"), text.replacing("proof_key", with: "proof_kex"),
            text.replacing(#""version":2"#, with: #""version":3"#),
        ]
        for text in damaged { #expect(StoredSession(json: Secret(Array(text.utf8))) == nil, "\(text)") }
    }

    @Test("no key in any description or mirror")
    func secrecy() async throws {
        let client = try await signedIn()
        let stored = try #require(scene.store.read())
        let bytes = try #require(plain(stored.proofKey))
        var text = "\(client.prover) \(stored)"
        dump(stored, to: &text)
        dump(client, to: &text)

        #expect(!text.contains(Base64URL.string(bytes)))
        #expect(!text.contains(bytes.map { "\($0)" }.joined(separator: ", ")))
    }

    func client(
        store: (any TokenStore)? = nil, isBinding: Bool = true, keys: (any ProofKeys)? = nil, seed: UInt64 = 2
    ) -> SignetClient {
        SignetClient(
            server: Scene.url, store: store ?? scene.store, origins: [Scene.api], transport: scene.server, clock: scene.wall,
            monotonicClock: scene.monotonic, randomBytes: seededRandomBytes(seed),
            proofKeys: isBinding ? keys ?? SoftwareProofKeys() : nil)
    }

    func signedIn(isBinding: Bool = true, seed: UInt64 = 2) async throws -> SignetClient {
        let client = client(isBinding: isBinding, seed: seed)
        try await client.signIn(username: "ada", password: FakeSignet.password, device: "Ada's laptop")
        return client
    }
}

/// Keys that are out of reach while the device is locked.
private final class LockedKeys: ProofKeys {
    let isLocked = Mutex(false)
    private let keys = SoftwareProofKeys()

    func make() throws -> (key: any ProofKey, reference: Secret<[UInt8]>) {
        if isLocked.withLock(\.self) { throw CocoaError(.fileReadNoPermission) }
        return keys.make()
    }

    func key(for reference: Secret<[UInt8]>) throws -> any ProofKey {
        if isLocked.withLock(\.self) { throw CocoaError(.fileReadNoPermission) }
        return try keys.key(for: reference)
    }
}

private func plain(_ secret: Secret<[UInt8]>?) -> [UInt8]? {
    secret?.reveal { copy $0 }
}

extension StoredSession {
    /// The same session with another key, or none.
    fileprivate func with(proofKey: Secret<[UInt8]>?) -> StoredSession {
        StoredSession(
            server: server, clientID: clientID, userID: userID, sessionID: sessionID, deviceName: deviceName,
            accessToken: accessToken, scope: scope, receivedAt: receivedAt, lifetime: lifetime, clockOffset: clockOffset,
            refreshToken: refreshToken, idempotencyKey: idempotencyKey, proofKey: proofKey)
    }
}
