import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("A caller's patience")
struct PatienceTests {
    let scene = Scene()
    let monotonic = ManualClock()
    static let json: HTTPFields = [.contentType: "application/json"]

    @Test("a call that cannot wait longer leaves, and the renewal is finished for the next one")
    func leaves() async throws {
        let client = try await due()
        await scene.server.gate.close()
        let call = Task { await failure { try await client.data(for: patient(5)) } }
        try await asleep(2)

        monotonic.advance(by: .seconds(5))
        #expect(await call.value == .network(TransportError("no answer in time")))
        #expect(scene.server.requests("/notes").isEmpty)

        async let token = client.accessToken()
        while await client.renewal.flight.passengers < 1 { await Task.yield() }
        await scene.server.gate.open()
        #expect(try await plain(token) == plain(scene.store.read()?.accessToken))
        #expect(scene.server.renewals.count == 1)
        #expect(scene.liveRow?.generation == 1)
    }

    @Test("it leaves alone: whoever has more time gets the tokens")
    func leavesAlone() async throws {
        let client = try await due()
        await scene.server.gate.close()
        let hasty = Task { await failure { try await client.data(for: patient(5)) } }
        let other = Task { try await client.data(for: patient(9)).1.statusCode }
        try await asleep(3)

        monotonic.advance(by: .seconds(5))
        #expect(await hasty.value == .network(TransportError("no answer in time")))
        await scene.server.gate.open()

        #expect(try await other.value == 200)
        #expect(scene.server.renewals.count == 1)
    }

    @Test("it leaves with what the renewal has met so far")
    func knowsWhy() async throws {
        let client = try await due()
        scene.server.script("/oauth/token", .answer(503, [.retryAfter: "7"], ""))
        let call = Task { await failure { try await client.data(for: patient(5)) } }
        while scene.server.renewals.isEmpty { await Task.yield() }
        try await asleep(2)

        monotonic.advance(by: .seconds(5))

        #expect(await call.value == .busy(status: 503, retryAfter: .seconds(7)))
        #expect(scene.server.renewals.count == 1)
    }

    @Test("one who waits for the store's lock leaves in time as well, and says so")
    func locked() async throws {
        let client = try await due()
        let lock = scene.store.lock()
        let call = Task { await failure { try await client.data(for: patient(5)) } }
        try await asleep(2)

        monotonic.advance(by: .seconds(5))

        #expect(await call.value == .store(TokenStoreError(.locked, at: "the token store")))
        lock?.release()
    }

    @Test("a renewal that is early and slow is not waited for longer; the old access token goes with the call")
    func early() async throws {
        let client = try await due(after: 280)
        await scene.server.gate.close()
        let call = Task { try await client.data(for: patient(5)).1.statusCode }
        try await asleep(2)

        monotonic.advance(by: .seconds(5))

        #expect(try await call.value == 200)
        await scene.server.gate.open()
    }

    @Test("after a 401 it waits for the renewal no longer than before")
    func after401() async throws {
        let client = try await due(after: 0)
        scene.server.with { $0.accessTokens = [:] }
        await scene.server.gate.close()
        let call = Task { await failure { try await client.data(for: patient(5)) } }
        try await asleep(2)

        monotonic.advance(by: .seconds(5))

        #expect(await call.value == .network(TransportError("no answer in time")))
        await scene.server.gate.open()
    }

    @Test("an early renewal never keeps a call until its good token is dead")
    func earlyAndHeldUp() async throws {
        let client = try await due(after: 280)
        let lock = scene.store.lock()
        let call = Task { try await client.data(for: patient(60)).1.statusCode }
        try await asleep(2)

        monotonic.advance(by: .seconds(10))

        #expect(try await call.value == 200)
        #expect(scene.server.renewals.isEmpty)
        lock?.release()
    }

    @Test("an answer that never ends is given up after ten seconds, and after twenty the lock with it")
    func endlessAnswer() async throws {
        let transport = SilentTransport()
        _ = try await scene.signedIn()
        scene.pass(.seconds(300))
        let client = SignetClient(
            server: Scene.url, store: scene.store, transport: transport, clock: scene.wall, monotonicClock: monotonic)
        let call = Task { await failure { try await client.accessToken() } }

        for sent in 1...2 {
            while transport.sent < sent { await Task.yield() }
            try await asleep(2)
            #expect(scene.store.lock() == nil)
            monotonic.advance(by: .seconds(10))
            // The pause, beside the caller's patience.
            if sent == 1 {
                try await asleep(2)
                monotonic.advance(by: .milliseconds(500))
            }
        }

        // Twenty seconds have passed, so no further request is begun.
        #expect(await call.value == .network(TransportError("no answer in time")))
        #expect(transport.sent == 2)
        #expect(scene.store.lock() != nil)
    }

    @Test(
        "a request's timeout may be any number",
        arguments: [
            (5, 5), (0.25, 0.25), (0, 60), (-1, 60), (.nan, 60), (.infinity, 604_800), (1e300, 604_800),
        ] as [(TimeInterval, Double)])
    func anyNumber(timeout: TimeInterval, seconds: Double) {
        var request = request()
        request.timeoutInterval = timeout

        #expect(request.patience == .seconds(seconds))
    }

    /// A client whose access token came so many seconds ago, on a clock that moves only when told.
    private func due(after age: Int = 300) async throws -> SignetClient {
        _ = try await scene.signedIn()
        scene.pass(.seconds(age))
        return SignetClient(
            server: Scene.url, store: scene.store, origins: [Scene.api], transport: scene.server, clock: scene.wall,
            monotonicClock: monotonic)
    }

    private func patient(_ seconds: TimeInterval) -> URLRequest {
        var call = request()
        call.timeoutInterval = seconds
        return call
    }

    /// Waits until so many sleep: each caller's patience, and the one request's or the pause after it.
    private func asleep(_ count: Int) async throws {
        while monotonic.sleepers < count { await Task.yield() }
    }
}
