import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("A store in trouble")
struct StoreTroubleTests {
    let scene = Scene()
    let store = MoodyStore()
    let unreadable = TokenStoreError(.unreadable, at: "a locked keychain")
    let unwritable = TokenStoreError(.unwritable, at: "a full disk")

    @Test("what cannot be read is an error of its own, and nothing is sent, written or removed")
    func unreadableStore() async throws {
        _ = try await scene.signedIn(store: store)
        let before = store.with { $0 }
        store.with { $0.readError = unreadable }
        let requests = scene.server.with { $0.requests.count }
        let client = scene.client(store: store)

        #expect(await failure { try await client.accessToken() } == .store(unreadable))
        #expect(await failure { try await client.data(for: request()) } == .store(unreadable))
        #expect(await failure { try await client.signIn(username: "ada", password: FakeSignet.password) } == .store(unreadable))
        #expect(await failure { try await client.signOut() } == .store(unreadable))

        #expect(store.with { $0.writes } == before.writes && store.with { $0.clears } == before.clears)
        #expect(scene.server.with { $0.requests.count } == requests)
    }

    @Test("when the key cannot be written no renewal leaves")
    func keyNotWritten() async throws {
        let client = try await scene.signedIn(store: store)
        store.with { $0.writeError = unwritable }
        scene.pass(.seconds(300))

        #expect(await failure { try await client.accessToken() } == .store(unwritable))
        #expect(scene.server.renewals.isEmpty)
    }

    @Test("new tokens that cannot be written are used from memory, and stored before the next renewal leaves")
    func tokensNotWritten() async throws {
        let client = try await scene.signedIn(store: store)
        var news = client.states.makeAsyncIterator()
        #expect(await news.next() == .signedIn)
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        async let renewed = client.accessToken()
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        store.with { $0.writeError = unwritable }
        await scene.server.gate.open()
        let token = try await renewed

        #expect(await news.next() == .unsaved(unwritable))
        #expect(try await plain(client.accessToken()) == plain(token))
        scene.pass(.seconds(300))
        #expect(await failure { try await client.accessToken() } == .store(unwritable))
        #expect(scene.server.renewals.count == 1)

        store.with { $0.writeError = nil }
        _ = try await client.accessToken()
        #expect(scene.liveRow?.generation == 2)
        #expect(try await plain(client.accessToken()) == plain(store.read()?.accessToken))
        #expect(await news.next() == .signedIn, "the tokens are stored again")
    }

    @Test("no 401 makes a renewal leave while tokens are in memory alone")
    func refusedWithUnsaved() async throws {
        let client = try await withUnsaved()
        scene.server.with { $0.accessTokens = [:] }

        for _ in 0..<3 { #expect(await failure { try await client.data(for: request()) } == .store(unwritable)) }
        #expect(scene.server.renewals.count == 1)

        store.with { $0.writeError = nil }
        #expect(try await client.data(for: request()).1.statusCode == 200)
        #expect(scene.liveRow?.generation == 2)
    }

    @Test("tokens in memory alone end with a sign-out, and with the next person's sign-in")
    func unsavedThenOver() async throws {
        let client = try await withUnsaved()
        store.with { $0.writeError = nil }
        try await scene.client(store: store, seed: 7).signIn(username: "bob", password: FakeSignet.password)
        let bob = store.store.read()

        scene.pass(.seconds(280))
        #expect(await failure { try await client.accessToken() } == .someoneElseSignedIn)
        #expect(store.store.read()?.userID == bob?.userID)
        #expect(try await plain(client.accessToken()) == plain(store.read()?.accessToken))

        let other = try await withUnsaved()
        store.with { $0.writeError = nil }
        try await scene.client(store: store, seed: 8).forget()
        scene.pass(.seconds(280))
        #expect(await failure { try await other.accessToken() } == .notSignedIn)
        #expect(store.store.read() == nil)
    }

    @Test("a write that reports failure although it was done is taken for what it was")
    func writtenAllTheSame() async throws {
        let client = try await withUnsaved { store.with { $0.writesAllTheSame = true } }
        store.with { mood in (mood.writeError, mood.writesAllTheSame) = (nil, false) }

        for _ in 0..<3 {
            scene.pass(.seconds(300))
            #expect(try await client.data(for: request()).1.statusCode == 200)
            #expect(try await plain(client.accessToken()) == plain(store.read()?.accessToken))
        }
        #expect(scene.liveRow?.generation == 4)
    }

    @Test("a store that becomes unreadable stops nobody while the access token lives, and nothing is written or sent after it")
    func becomesUnreadable() async throws {
        let client = try await scene.signedIn(store: store)
        let writes = store.with { $0.writes }
        store.with { $0.readError = unreadable }

        for age in [0, 280] {
            scene.pass(.seconds(age))
            #expect(try await client.data(for: request()).1.statusCode == 200)
        }
        scene.pass(.seconds(20))
        for _ in 0..<3 { #expect(await failure { try await client.data(for: request()) } == .store(unreadable)) }

        #expect(scene.server.renewals.isEmpty)
        #expect(store.with { $0.writes } == writes && store.with { $0.clears } == 0)
        store.with { $0.readError = nil }
        #expect(try await client.data(for: request()).1.statusCode == 200)
    }

    /// A client whose renewed tokens could not be written.
    private func withUnsaved(_ mood: () -> Void = {}) async throws -> SignetClient {
        let client = try await scene.signedIn(store: store)
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        async let renewed = client.accessToken()
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        mood()
        store.with { $0.writeError = unwritable }
        await scene.server.gate.open()
        _ = try await renewed
        return client
    }

    @Test("when it is killed with tokens in memory alone, the next launch gets them again with the stored key")
    func killedWithUnsaved() async throws {
        let client = try await scene.signedIn(store: store)
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        async let renewed = client.accessToken()
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        store.with { $0.writeError = unwritable }
        await scene.server.gate.open()
        _ = try await renewed
        store.with { $0.writeError = nil }

        scene.pass(.seconds(86_400))
        _ = try await scene.client(store: store, seed: 9).accessToken()

        #expect(scene.liveRow?.generation == 1)
        // The first one, if it lives on, finds that the store has moved on and follows.
        scene.pass(.seconds(1))
        #expect(try await plain(client.accessToken()) == plain(store.read()?.accessToken))
        #expect(scene.liveRow?.generation == 1)
    }

    @Test("a session that has ended is thrown once and told once, also when the store cannot be emptied")
    func endedAndNotEmptied() async throws {
        let client = try await scene.signedIn(store: store)
        var news = client.states.makeAsyncIterator()
        #expect(await news.next() == .signedIn)
        scene.server.with { state in for id in state.rows.keys { state.rows[id]?.ending = .revokedByUser } }
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        let ended = Task { await failure { try await client.accessToken() } }
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        store.with { $0.writeError = unwritable }
        await scene.server.gate.open()
        #expect(await ended.value == .signedOut(reason: "revoked_by_user"))
        #expect(try store.read() != nil)

        for _ in 0..<3 { #expect(await failure { try await client.accessToken() } == .notSignedIn) }
        #expect(scene.server.renewals.count == 1)
        #expect(await news.next() == .signedOut(reason: "revoked_by_user"))

        store.with { $0.writeError = nil }
        #expect(await failure { try await client.accessToken() } == .notSignedIn)
        #expect(try store.read() == nil)
        try await client.signIn(username: "ada", password: FakeSignet.password)
        #expect(await news.next() == .signedIn)
        _ = try await client.accessToken()
    }

    @Test("a store that turns out to be empty when it can be read is told")
    func unreadableAtFirst() async throws {
        store.with { $0.readError = unreadable }
        let client = scene.client(store: store)
        var news = client.states.makeAsyncIterator()
        #expect(await news.next() == .unreadable(unreadable))

        store.with { $0.readError = nil }
        #expect(await failure { try await client.accessToken() } == .notSignedIn)

        #expect(await news.next() == .signedOut(reason: nil))
    }

    @Test("tokens of one server are never used for another")
    func otherServer() async throws {
        _ = try await scene.signedIn()
        let other = scene.client(server: Scene.api)
        let requests = scene.server.with { $0.requests.count }

        #expect(await failure { try await other.accessToken() } == .signedInElsewhere(server: FakeSignet.origin))
        #expect(await failure { try await other.signOut() } == .signedInElsewhere(server: FakeSignet.origin))
        #expect(scene.server.with { $0.requests.count } == requests)
    }
}
