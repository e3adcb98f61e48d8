import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Answers that come too late")
struct LateAnswerTests {
    /// What happens to the store while an answer is on its way.
    enum Meanwhile: CaseIterable, CustomTestStringConvertible {
        case signedOut, nextPerson, samePersonAgain

        var testDescription: String { "\(self)" }
    }

    let scene = Scene()

    @Test("a renewal's late answer changes nothing", arguments: Meanwhile.allCases)
    func renewal(meanwhile: Meanwhile) async throws {
        let network = HeldAnswers(transport: scene.server, path: "/oauth/token")
        _ = try await scene.signedIn()
        let client = scene.client(transport: network)
        _ = try await client.accessToken()
        scene.pass(.seconds(300))
        // The server has renewed; it is the answer that is late.
        await network.gate.close()
        let call = Task { await failure { try await client.data(for: request()) } }
        while await network.gate.waiting < 1 { await Task.yield() }

        try await happen(meanwhile)
        let before = scene.store.read()
        await network.gate.open()
        let error = await call.value

        #expect(scene.server.renewals.count == 1)
        #expect(plain(scene.store.read()?.refreshToken) == plain(before?.refreshToken))
        #expect(plain(scene.store.read()?.accessToken) == plain(before?.accessToken))
        switch meanwhile {
        case .signedOut: #expect(error == .notSignedIn)
        case .nextPerson: #expect(error == .someoneElseSignedIn)
        case .samePersonAgain: #expect(error == nil)
        }
        #expect(scene.server.requests("/notes").count == (meanwhile == .samePersonAgain ? 1 : 0))
        if let before { #expect(try await plain(client.accessToken()) == plain(before.accessToken)) }
    }

    @Test("a late invalid_grant signs nobody out who has signed in meanwhile", arguments: Meanwhile.allCases)
    func refusal(meanwhile: Meanwhile) async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        scene.server.script("/oauth/token", .answer(400, [.contentType: "application/json"], #"{"error":"invalid_grant"}"#))
        let call = Task { await failure { try await client.data(for: request()) } }
        while await scene.server.gate.waiting < 1 { await Task.yield() }

        try await happen(meanwhile)
        let before = scene.store.read()
        await scene.server.gate.open()
        let error = await call.value

        #expect(plain(scene.store.read()?.refreshToken) == plain(before?.refreshToken))
        #expect(error == (meanwhile == .signedOut ? .notSignedIn : meanwhile == .nextPerson ? .someoneElseSignedIn : nil))
        if before != nil { _ = try await client.accessToken() }
    }

    @Test(
        "an API's late 401 renews nothing, signs nobody out, and the call is not made in another's name",
        arguments: Meanwhile.allCases)
    func unauthorized(meanwhile: Meanwhile) async throws {
        let network = HeldAnswers(transport: scene.server, path: "/notes")
        _ = try await scene.signedIn()
        let client = scene.client(transport: network)
        scene.server.script("/notes", .answer(401, CallTests.invalidToken, ""))
        await network.gate.close()
        let call = Task { await failure { try await client.data(for: request()) } }
        while await network.gate.waiting < 1 { await Task.yield() }

        // By the same client: what it holds in memory is the next session already.
        try await happen(meanwhile, by: client)
        let before = scene.store.read()
        await network.gate.open()
        let error = await call.value

        #expect(scene.server.renewals.isEmpty)
        #expect(plain(scene.store.read()?.refreshToken) == plain(before?.refreshToken))
        #expect(error == (meanwhile == .signedOut ? .notSignedIn : meanwhile == .nextPerson ? .someoneElseSignedIn : nil))
        let calls = scene.server.requests("/notes")
        #expect(calls.count == (meanwhile == .samePersonAgain ? 2 : 1))
        if meanwhile == .samePersonAgain {
            #expect(calls.last?.request.headerFields[.authorization] == "Bearer " + (plain(before?.accessToken) ?? ""))
        }
    }

    @Test("a call that waits while someone else signs in is not sent in their name; the next one is theirs")
    func waitsForSignIn() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let lock = scene.store.lock()
        let call = Task { await failure { try await client.data(for: request()) } }
        while await client.renewal.flight.passengers < 1 { await Task.yield() }

        try await happen(.nextPerson)
        lock?.release()

        #expect(await call.value == .someoneElseSignedIn)
        #expect(scene.server.requests("/notes").isEmpty)
        #expect(try await client.data(for: request()).1.statusCode == 200)
    }

    @Test("what a slow store gives after a sign-out or a sign-in is no news", arguments: Meanwhile.allCases)
    func slowStore(meanwhile: Meanwhile) async throws {
        let store = SlowStore(store: scene.store)
        let client = try await scene.signedIn(store: store)
        await store.gate.close()
        let reading = Task { try await client.storedSession() }
        while await store.gate.waiting < 1 { await Task.yield() }
        await store.gate.openForNewcomers()
        try await happen(meanwhile, by: client)
        await store.gate.open()
        let read = try? await reading.value

        #expect(plain(read?.accessToken) == plain(scene.store.read()?.accessToken))
        let token = try? await client.accessToken()
        #expect(plain(token) == plain(scene.store.read()?.accessToken))
    }

    /// By a client that waits for no lock, as on a file system that knows none, unless another one is named.
    private func happen(_ meanwhile: Meanwhile, by client: SignetClient? = nil) async throws {
        let client = client ?? scene.client(store: LocklessStore(store: scene.store), seed: 50)
        switch meanwhile {
        case .signedOut: try await client.forget()
        case .nextPerson: try await client.signIn(username: "bob", password: FakeSignet.password)
        case .samePersonAgain: try await client.signIn(username: "ada", password: FakeSignet.password)
        }
    }
}

/// A network on which the answers from one path are held back at a gate.
struct HeldAnswers: Transport {
    let transport: any Transport
    let path: String
    let gate = Gate()

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        let answer = try await transport.send(request, body: body, timeout: timeout)
        if request.path == path { await gate.pass() }
        return answer
    }
}

/// A store that has read, and takes its time to say what.
struct SlowStore: TokenStore {
    let store: MemoryTokenStore
    let gate = Gate()

    func read() async -> StoredSession? {
        let session = store.read()
        await gate.pass()
        return session
    }

    func write(_ session: StoredSession) { store.write(session) }
    func clear() { store.clear() }
    func lock() -> TokenStoreLock? { store.lock() }
}
