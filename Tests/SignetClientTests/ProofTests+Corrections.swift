import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

// A proof that was refused for its nonce or its time is made anew, once.
extension ProofTests {
    @Test("DPO-6: a nonce is learnt for each origin, and the request is repeated once")
    func nonces() async throws {
        door.with { $0.nonces = [FakeSignet.origin: "server-1", "https://api.example.com": "api-1"] }
        let client = try await signedIn()
        let (_, first) = try await client.data(for: request())
        let (_, second) = try await client.data(for: request())
        door.with { $0.nonces["https://api.example.com"] = "api-2" }
        let (_, third) = try await client.data(for: request())
        scene.pass(.seconds(300))
        door.with { $0.nonces[FakeSignet.origin] = "server-2" }
        let (_, fourth) = try await client.data(for: request())

        #expect([first, second, third, fourth].allSatisfy { $0.statusCode == 200 })
        #expect(
            door.with(\.complaints) == [
                "/v1/sessions: use_dpop_nonce", "/notes: use_dpop_nonce", "/notes: use_dpop_nonce",
                "/oauth/token: use_dpop_nonce",
            ])
        #expect(scene.server.requests("/notes").count == 6)
        let keys = scene.server.renewals.map {
            $0.request.headerFields.first { $0.name.canonicalName == "idempotency-key" }?.value
        }
        #expect(keys.count == 2 && keys[0] != nil && keys[0] == keys[1])
    }

    @Test("a nonce that comes with a good answer saves the next request a repetition")
    func nonceAhead() async throws {
        let client = try await signedIn()
        let name = try #require(HTTPField.Name("DPoP-Nonce"))
        scene.server.script("/notes", .answer(200, [name: "ahead"], ""))
        _ = try await client.data(for: request())
        door.with { $0.nonces["https://api.example.com"] = "ahead" }

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == 200 && door.with(\.complaints) == [])
    }

    @Test("many calls at once that are all asked for the same new nonce are all repeated")
    func manyNonces() async throws {
        let client = try await signedIn()
        door.with { $0.nonces = ["https://api.example.com": "api-1"] }

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await client.data(for: request()).1.statusCode } }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(statuses == Array(repeating: 200, count: 50))
    }

    @Test("a server that is never content with a nonce gets two tries, no more")
    func endlessNonces() async throws {
        let client = try await signedIn()
        let name = try #require(HTTPField.Name("DPoP-Nonce"))
        for number in 0..<9 {
            let fields: HTTPFields = [name: "n\(number)", .wwwAuthenticate: #"DPoP error="use_dpop_nonce""#]
            scene.server.script("/notes", .answer(401, fields, ""))
        }
        let (_, response) = try await client.data(for: request())
        #expect(response.statusCode == 401)
        #expect(scene.server.requests("/notes").count == 2)
        #expect(scene.server.renewals.isEmpty)

        // Without a nonce in it, or with one that is none, the answer says nothing new.
        let before = scene.server.requests("/notes").count
        scene.server.with { $0.faults = [] }
        scene.server.script("/notes", .answer(401, [.wwwAuthenticate: #"DPoP error="use_dpop_nonce""#], ""))
        _ = try await client.data(for: request())
        scene.server.script("/notes", .answer(401, [name: "a b", .wwwAuthenticate: #"DPoP error="use_dpop_nonce""#], ""))
        _ = try await client.data(for: request())
        #expect(scene.server.requests("/notes").count == before + 2)
    }

    @Test(
        "a device whose clock is off by a day signs in, calls and renews; the first proof alone is refused", arguments: [-1, 1])
    func wrongClock(sign: Int) async throws {
        scene.wall.advance(by: .seconds(sign * 86_400))
        let client = try await signedIn()
        let (_, first) = try await client.data(for: request())
        scene.wall.advance(by: .seconds(-sign * 7200))
        let (_, second) = try await client.data(for: request())
        scene.pass(.seconds(300))
        let (_, third) = try await client.data(for: request())

        #expect([first, second, third].allSatisfy { $0.statusCode == 200 })
        #expect(door.with(\.complaints) == ["/v1/sessions: invalid_dpop_proof"])
    }

    @Test("a clock that was set while no process ran is found out at the first call, which is repeated")
    func clockSetBetweenLives() async throws {
        _ = try await signedIn()
        scene.wall.advance(by: .seconds(100))

        let (_, response) = try await client(seed: 36).data(for: request())

        #expect(response.statusCode == 200)
        #expect(door.with(\.complaints) == ["/notes: invalid_dpop_proof"])
    }

    @Test("a bad proof that no better clock would mend is not repeated")
    func badProof() async throws {
        let client = try await signedIn()
        let fields: HTTPFields = [.wwwAuthenticate: #"DPoP error="invalid_dpop_proof""#, .date: httpDate(scene.server.clock.now)]
        scene.server.script("/notes", .answer(401, fields, ""))

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == 401 && scene.server.requests("/notes").count == 1)
        #expect(scene.server.renewals.isEmpty)
    }
}
