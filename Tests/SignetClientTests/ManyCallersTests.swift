import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Many callers at once")
struct ManyCallersTests {
    let scene = Scene()

    @Test("a hundred calls with an expired token make one renewal")
    func oneRenewal() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.data(for: request()).1.statusCode } }
            while await client.renewal.flight.passengers < 100 { await Task.yield() }
            await scene.server.gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(statuses == Array(repeating: 200, count: 100))
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a hundred refused tokens make one renewal and one repeat each")
    func oneRenewalAfter401() async throws {
        let client = try await scene.signedIn()
        // Revoked at the API, although its time is not up.
        scene.server.with { $0.accessTokens = [:] }

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.data(for: request()).1.statusCode } }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(statuses == Array(repeating: 200, count: 100))
        #expect(scene.server.renewals.count == 1)
        let calls = scene.server.requests("/notes").count
        #expect(calls > 100 && calls <= 200)
    }

    @Test("a failed renewal fails all who wait alike, and the next call tries afresh")
    func failTogether() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        scene.server.script(
            "/oauth/token", .answer(403, [.contentType: "application/json"], #"{"error":"unauthorized_client"}"#))

        let errors = await withTaskGroup(of: SignetClientError?.self) { group in
            for _ in 0..<10 { group.addTask { await failure { try await client.accessToken() } } }
            while await client.renewal.flight.passengers < 10 { await Task.yield() }
            await scene.server.gate.open()
            return await group.reduce(into: []) { $0.append($1) }
        }

        #expect(errors == Array(repeating: .refused(status: 403, code: "unauthorized_client"), count: 10))
        _ = try await client.accessToken()
        #expect(scene.server.renewals.count == 2)
    }

    @Test("a hundred tokens that stay refused make one renewal and one repeat each, then the 401 is the answer")
    func refusedForEver() async throws {
        let client = try await scene.signedIn()
        for _ in 0..<200 { scene.server.script("/notes", .answer(401, CallTests.invalidToken, "")) }
        await scene.server.gate.close()

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.data(for: request()).1.statusCode } }
            while await client.renewal.flight.passengers < 100 { await Task.yield() }
            await scene.server.gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(statuses == Array(repeating: 401, count: 100))
        #expect(scene.server.renewals.count == 1)
        #expect(scene.server.requests("/notes").count == 200)
    }

    @Test("a 401 that comes when others have renewed already is repaired without another renewal")
    func late401() async throws {
        let client = try await scene.signedIn()
        let before = try #require(scene.store.read())
        scene.server.with { $0.accessTokens = [:] }
        _ = try await client.data(for: request())

        let session = try await client.renewal.session(rejecting: before)

        #expect(plain(session.accessToken) == plain(scene.store.read()?.accessToken))
        #expect(scene.server.renewals.count == 1)
    }

    @Test("whoever was told that the token is refused does not get it again from a renewal of those who did not know")
    func joinedTheOthers() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let lock = scene.store.lock()
        let unaware = Task { try await client.accessToken() }
        while await client.renewal.flight.passengers < 1 { await Task.yield() }
        // Meanwhile somebody else has renewed, the client has seen it, and an API has refused that token already.
        _ = try await scene.client(store: LocklessStore(store: scene.store), seed: 6).accessToken()
        let refused = try await client.storedSession()
        let aware = Task { try await client.renewal.session(rejecting: refused) }
        while await client.renewal.flight.passengers < 2 { await Task.yield() }
        lock?.release()

        #expect(try await plain(unaware.value) == plain(refused.accessToken))
        #expect(try await plain(aware.value.accessToken) != plain(refused.accessToken))
        #expect(scene.server.renewals.count == 2)
    }

    @Test("a waiter who leaves at the very moment of the answer is resumed once", arguments: 0..<20)
    func resumedOnce(round: Int) async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        let waiters = (0..<50).map { _ in Task { try await client.accessToken() } }
        while await client.renewal.flight.passengers < 50 { await Task.yield() }

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await scene.server.gate.open() }
            for waiter in waiters.prefix(25) { group.addTask { waiter.cancel() } }
        }

        // Every continuation is a checked one: a second resumption ends the process, a missing one this test's patience.
        for waiter in waiters.dropFirst(25) {
            #expect(try await plain(waiter.value) == plain(scene.store.read()?.accessToken))
        }
        for waiter in waiters.prefix(25) { _ = await waiter.result }
        #expect(scene.server.renewals.count == 1)
    }

    @Test("one who is cancelled leaves at once, and alone")
    func cancelled() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()

        let impatient = Task { try await client.accessToken() }
        while await client.renewal.flight.passengers < 1 { await Task.yield() }
        let patient = Task { try await client.accessToken() }
        while await client.renewal.flight.passengers < 2 { await Task.yield() }
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        await scene.server.gate.open()

        #expect(try await plain(patient.value) == plain(scene.store.read()?.accessToken))
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a renewal whose callers have all left is finished all the same")
    func allLeft() async throws {
        let client = try await scene.signedIn()
        let before = plain(scene.store.read()?.refreshToken)
        scene.pass(.seconds(300))
        await scene.server.gate.close()

        let only = Task { try await client.accessToken() }
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        only.cancel()
        _ = try? await only.value
        await scene.server.gate.open()

        while plain(scene.store.read()?.refreshToken) == before { await Task.yield() }
        #expect(scene.liveRow?.generation == 1)
    }

    @Test("eight clients on one store make one renewal, and all end with the same token")
    func manyClients() async throws {
        _ = try await scene.signedIn()
        scene.pass(.seconds(300))

        let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
            for seed in 0..<8 { group.addTask { plain(try await scene.client(seed: UInt64(20 + seed)).accessToken()) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }

        #expect(tokens.count == 1)
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a client whose memory is old adopts what another has renewed")
    func adopted() async throws {
        let one = try await scene.signedIn()
        let two = scene.client(seed: 3)
        _ = try await two.accessToken()
        scene.pass(.seconds(300))

        let renewed = try await one.accessToken()
        let adopted = try await two.accessToken()

        #expect(plain(renewed) == plain(adopted))
        #expect(scene.server.renewals.count == 1)
    }

    @Test("to find what another has renewed, nobody waits for the lock")
    func adoptedWithoutLock() async throws {
        let one = try await scene.signedIn()
        let two = scene.client(seed: 3)
        _ = try await two.accessToken()
        scene.pass(.seconds(300))
        let renewed = try await one.accessToken()
        let lock = scene.store.lock()

        #expect(try await plain(two.accessToken()) == plain(renewed))
        lock?.release()
    }

    @Test("clients that take the lock for granted still use one key, and nobody is signed out")
    func withoutLock() async throws {
        let store = LocklessStore(store: scene.store)
        _ = try await scene.signedIn()
        scene.pass(.seconds(300))
        scene.server.script("/oauth/token", .loseRequest)
        let first = scene.client(store: store, seed: 30)
        _ = try await first.accessToken()
        scene.pass(.seconds(300))

        // The key is in the store already when the others come.
        await scene.server.gate.close()
        let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { plain(try await scene.client(store: store, seed: 31).accessToken()) }
            while await scene.server.gate.waiting < 1 { await Task.yield() }
            for seed in 32..<36 {
                group.addTask { plain(try await scene.client(store: store, seed: UInt64(seed)).accessToken()) }
            }
            while await scene.server.gate.waiting < 5 { await Task.yield() }
            await scene.server.gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(tokens.count == 5)
        #expect(scene.liveRow?.generation == 2)
    }

    @Test("a lock that is never given back is an error after its time limit, and signs nobody out")
    func lockedForEver() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let lock = scene.store.lock()

        let error = await failure { try await client.accessToken() }

        #expect(error == .store(TokenStoreError(.locked, at: "the token store")))
        lock?.release()
        _ = try await client.accessToken()
    }
}

/// A store for whose lock nobody has to wait, as on a file system that knows none.
struct LocklessStore: TokenStore {
    let store: MemoryTokenStore

    func read() -> StoredSession? { store.read() }
    func write(_ session: StoredSession) { store.write(session) }
    func clear() { store.clear() }
    func lock() -> TokenStoreLock? { TokenStoreLock {} }
}
