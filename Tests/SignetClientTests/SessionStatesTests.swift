import Foundation
import SignetTestKit
import Testing

@testable import SignetClient

@Suite("What an app is told of the session")
struct SessionStatesTests {
    let scene = Scene()

    @Test("a listener hears first how the session stands, though nobody has called yet")
    func beginning() async throws {
        let here = scene.client()
        #expect(await first(of: here) == .signedOut(reason: nil))

        _ = try await scene.signedIn()
        #expect(await first(of: here) == .signedIn)

        let elsewhere = scene.client(server: try #require(URL(string: "https://other.example.com")))
        #expect(await first(of: elsewhere) == .signedOut(reason: nil))
    }

    @Test("a store that cannot be read is not taken for nobody")
    func unreadable() async throws {
        let store = MoodyStore()
        let error = TokenStoreError(.unreadable, at: "the keychain")
        store.with { $0.readError = error }

        #expect(await first(of: scene.client(store: store)) == .unreadable(error))
    }

    @Test("nothing is told twice, and each listener hears all that follows")
    func once() async throws {
        _ = try await scene.signedIn()
        let client = scene.client()
        var one = client.states.makeAsyncIterator()
        #expect(await one.next() == .signedIn)

        _ = try await client.accessToken()
        var two = client.states.makeAsyncIterator()
        #expect(await two.next() == .signedIn)
        try await client.signOut()
        try await client.signIn(username: "ada", password: FakeSignet.password)

        #expect(await one.next() == .signedOut(reason: nil))
        #expect(await one.next() == .signedIn)
        #expect(await two.next() == .signedOut(reason: nil))
        #expect(await two.next() == .signedIn)
    }

    @Test("a new listener is told what another process has done meanwhile")
    func elsewhere() async throws {
        let client = try await scene.signedIn()
        try await client.signOut()
        #expect(await first(of: client) == .signedOut(reason: nil))

        try await scene.client(seed: 3).signIn(username: "ada", password: FakeSignet.password)

        #expect(await first(of: client) == .signedIn)
    }

    @Test("it ends with the client, which no listener keeps alive")
    func end() async throws {
        var client: SignetClient? = try await scene.signedIn()
        weak let gone = client
        var news = try #require(client).states.makeAsyncIterator()
        #expect(await news.next() == .signedIn)

        client = nil

        #expect(gone == nil)
        #expect(await news.next() == nil)
    }

    private func first(of client: SignetClient) async -> SessionState? {
        var news = client.states.makeAsyncIterator()
        return await news.next()
    }
}
