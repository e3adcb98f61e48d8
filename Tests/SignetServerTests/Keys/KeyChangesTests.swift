import HTTPTypes
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetServer

@Suite("Keys that change while the server runs", .timeLimit(.minutes(1)))
struct KeyChangesTests {
    @Test("what another process does with the keys is known without a request that needs them")
    func followsChanges() async throws {
        try await TestServer.run { server in
            let leaked = try await server.signingKeyID()

            try await RetireSigningKey(server.change)(leaked, by: .admin)

            try await until { try await server.publishedKeyIDs().contains(leaked) == false }
            #expect(try await server.publishedKeyIDs().count == 2)
            let tokens = try await server.signedIn()
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 200)
            #expect(try await server.store.runningServers().count == 1)
        }
    }

    @Test("a key never vouches for its own end, even where its revocation has not been noticed yet")
    func signsWithAnotherKey() async throws {
        // A clock that stands still: the server looks at the keys once, and never again by itself.
        let housekeeping = ManualClock()
        try await TestServer.run(configure: {
            $0.housekeeping = housekeeping
            $0.isRevocationFeedPublic = true
        }) { server in
            while housekeeping.sleepers < 3 { await Task.yield() }
            let leaked = try await server.signingKeyID()
            try await RetireSigningKey(server.change)(leaked, by: .admin)
            #expect(try await server.publishedKeyIDs().contains(leaked))

            let page = try await server.get("/v1/revocations?after=")

            let events = try #require(page.body["events"]?.strings)
            let event = try CompactJWS(parsing: try #require(events.first).utf8)
            #expect(events.count == 1)
            #expect(event.header["kid"]?.string != leaked)
            #expect(try await server.publishedKeyIDs().contains(leaked) == false)
        }
    }

    @Test("the server rotates a key that has been in use for long enough, when it looks")
    func rotates() async throws {
        let housekeeping = ManualClock()
        try await TestServer.run(configure: {
            $0.housekeeping = housekeeping
            $0.keyRotationAge = .seconds(86_400)
        }) { server in
            while housekeeping.sleepers < 3 { await Task.yield() }
            let first = try await server.signingKeyID()
            server.clock.advance(by: .seconds(86_400))

            housekeeping.advance(by: .seconds(60))

            try await until { try await server.store.keysRevision() == 3 }
            housekeeping.advance(by: .seconds(1))
            try await until { try await server.publishedKeyIDs().count == 3 }
            let token = try await server.signedIn().access
            #expect(try CompactJWS(parsing: token.utf8).header["kid"]?.string != first)
            #expect(try await server.publishedKeyIDs().contains(first))
        }
    }

    @Test("the key set says for how long it may be kept, and that is a setting")
    func cacheTime() async throws {
        try await TestServer.run(configure: { $0.keyCacheTime = .seconds(7) }) { server in
            let answer = try await server.get("/.well-known/jwks.json")

            #expect(answer.headers[.cacheControl] == "public, max-age=7")
        }
    }
}

extension TestServer {
    fileprivate var change: ChangeKeys {
        ChangeKeys(
            store: store, keyFile: MasterKeyFile(path: ServerConfiguration.keyFile(beside: database)), clock: clock,
            randomBytes: systemRandomBytes)
    }

    fileprivate func publishedKeyIDs() async throws -> [String] {
        let keys = try await get("/.well-known/jwks.json").body["keys"]?.array ?? []
        return keys.compactMap { $0.object?["kid"]?.string }
    }

    /// The `kid` of a token that is signed now.
    fileprivate func signingKeyID() async throws -> String {
        let token = try await signedIn().access
        return try #require(CompactJWS(parsing: token.utf8).header["kid"]?.string)
    }
}
