import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Renewing")
struct RenewalTests {
    let scene = Scene()

    @Test("a fresh access token is used without asking anyone")
    func fresh() async throws {
        let client = try await scene.signedIn()

        let (data, response) = try await client.data(for: request())

        #expect(response.statusCode == 200)
        #expect(String(decoding: data, as: UTF8.self).contains("/notes"))
        #expect(scene.server.renewals.isEmpty)
    }

    @Test(
        "it is renewed at a tenth of its life before the end, and not sooner",
        arguments: [(269, 0), (270, 1), (300, 1), (90_000, 1)])
    func due(age: Int, renewals: Int) async throws {
        let client = try await scene.signedIn()

        scene.pass(.seconds(age))
        _ = try await client.accessToken()

        #expect(scene.server.renewals.count == renewals)
    }

    @Test("a long-lived access token is renewed thirty seconds before its end", arguments: [(3569, 0), (3570, 1)])
    func dueLong(age: Int, renewals: Int) async throws {
        scene.server.with { $0.lifetime = 3600 }
        let client = try await scene.signedIn()

        scene.pass(.seconds(age))
        _ = try await client.accessToken()

        #expect(scene.server.renewals.count == renewals)
    }

    @Test("a renewal sends token, client, user and the quoted key, and stores both new tokens")
    func wire() async throws {
        let client = try await scene.signedIn()
        let before = try #require(scene.store.read())
        scene.pass(.seconds(300))

        let token = try await client.accessToken()

        let sent = try #require(scene.server.renewals.first)
        #expect(sent.form("grant_type") == "refresh_token")
        #expect(sent.form("refresh_token") == plain(before.refreshToken))
        #expect(sent.form("client_id") == "signet")
        #expect(sent.form("user_id") == before.userID.description)
        let header = try #require(HTTPField.Name("Idempotency-Key").flatMap { sent.request.headerFields[$0] })
        #expect(header.hasPrefix("\"") && header.hasSuffix("\"") && IdempotencyKey(Secret(header)) != nil)
        let after = try #require(scene.store.read())
        #expect(plain(after.accessToken) == plain(token))
        #expect(plain(after.refreshToken) != plain(before.refreshToken))
        #expect(after.idempotencyKey == nil)
    }

    @Test("the idempotency key is in the store before the request leaves (APP-1)")
    func keyFirst() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()

        async let token = client.accessToken()
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        let stored = try #require(scene.store.read())
        await scene.server.gate.open()
        _ = try await token

        let sent = HTTPField.Name("Idempotency-Key").flatMap { scene.server.renewals.first?.request.headerFields[$0] }
        #expect(sent == plain(stored.idempotencyKey?.text).map { "\"\($0)\"" })
    }

    @Test("a lost request or answer is asked for again with the same token and key", arguments: [true, false])
    func lost(request isRequest: Bool) async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let fault: FakeSignet.Fault = isRequest ? .loseRequest : .loseAnswer
        scene.server.script("/oauth/token", fault, fault, fault)

        _ = try await client.accessToken()

        #expect(scene.server.renewals.count == 4)
        #expect(Set(scene.server.renewals.map(\.body)).count == 1)
        #expect(Set(scene.server.renewals.map(\.request.headerFields)).count == 1)
        #expect(scene.liveRow?.generation == 1)
    }

    @Test("an answer lost for longer than any window is still no reuse")
    func lostForDays() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        scene.server.script("/oauth/token", .loseAnswer, .loseRequest, .loseRequest, .loseRequest)
        #expect(await failure { try await client.accessToken() } == .network(TransportError("lost on the way there")))

        scene.pass(.seconds(20 * 86_400))
        _ = try await scene.client(seed: 3).accessToken()

        #expect(scene.liveRow?.generation == 1)
        #expect(scene.server.renewals.count == 5)
    }

    @Test("a client without rotation keeps its refresh token, and the key that belongs to it")
    func withoutRotation() async throws {
        let client = try await scene.signedIn()
        scene.server.with { $0.policy.rotates = false }

        var keys: Set<String?> = []
        for _ in 0..<3 {
            scene.pass(.seconds(300))
            _ = try await client.accessToken()
            keys.insert(plain(scene.store.read()?.idempotencyKey?.text))
        }

        #expect(keys.count == 1 && !keys.contains(nil))
    }

    @Test("each rotated token gets a key of its own")
    func newKeys() async throws {
        let client = try await scene.signedIn()

        for _ in 0..<10 {
            scene.pass(.seconds(300))
            _ = try await client.accessToken()
        }

        let keys = scene.server.renewals.compactMap { sent in
            HTTPField.Name("Idempotency-Key").flatMap { sent.request.headerFields[$0] }
        }
        #expect(Set(keys).count == 10)
        #expect(scene.liveRow?.generation == 10)
    }

    @Test("trouble with an early renewal does not stop a caller whose access token still lives")
    func earlyTrouble() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(280))
        scene.server.script("/oauth/token", .answer(503, [:], ""))

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == 200)
        #expect(scene.server.renewals.count == 1)
    }

    @Test("invalid_grant empties the store and is thrown once, with the server's reason")
    func signedOut() async throws {
        let client = try await scene.signedIn()
        var news = client.states.makeAsyncIterator()
        #expect(await news.next() == .signedIn)
        scene.server.with { state in for id in state.rows.keys { state.rows[id]?.ending = .revokedByUser } }
        scene.pass(.seconds(300))

        #expect(await failure { try await client.accessToken() } == .signedOut(reason: "revoked_by_user"))
        #expect(scene.store.read() == nil)
        #expect(await failure { try await client.accessToken() } == .notSignedIn)
        #expect(scene.server.renewals.count == 1)
        #expect(await news.next() == .signedOut(reason: "revoked_by_user"))
    }

    @Test("after invalid_grant a newer token in the store is adopted instead of signing out")
    func adoptedAfterRefusal() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        await scene.server.gate.close()
        scene.server.script("/oauth/token", .answer(400, [.contentType: "application/json"], #"{"error":"invalid_grant"}"#))

        async let token = client.accessToken()
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        // Somebody who does not keep to the lock renews meanwhile.
        var newer = try #require(scene.store.read())
        newer.refreshToken = Secret("sgr1_newer")
        newer.accessToken = Secret("eyJ.newer")
        newer.receivedAt = scene.wall.now
        newer.idempotencyKey = nil
        scene.store.write(newer)
        await scene.server.gate.open()

        #expect(try await plain(token) == "eyJ.newer")
        #expect(plain(scene.store.read()?.refreshToken) == "sgr1_newer")
    }
}
