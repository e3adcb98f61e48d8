import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Leaving a busy server alone")
struct RestTests {
    let scene = Scene()

    @Test("while the access token lives, a renewal that failed is tried again after five seconds, not with every call")
    func early() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(275))
        scene.server.script("/oauth/token", .answer(503, [:], ""))

        for _ in 0..<10 { #expect(try await client.data(for: request()).1.statusCode == 200) }
        #expect(scene.server.renewals.count == 1)
        scene.pass(.milliseconds(4_999))
        _ = try await client.data(for: request())
        #expect(scene.server.renewals.count == 1)

        scene.pass(.milliseconds(1))
        _ = try await client.data(for: request())

        #expect(scene.server.renewals.count == 2)
        #expect(scene.liveRow?.generation == 1)
    }

    @Test("the end of the access token ends the rest, when the server has not asked for one")
    func needed() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(298))
        scene.server.script("/oauth/token", .answer(500, [:], ""))
        _ = try await client.data(for: request())

        scene.pass(.seconds(2))
        _ = try await client.data(for: request())

        #expect(scene.server.renewals.count == 2)
    }

    @Test(
        "a Retry-After that is too long to wait for is kept by later calls too, but no longer than a minute",
        arguments: [(25, 25), (60, 60), (86_400, 60)])
    func retryAfter(named: Int, kept: Int) async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        scene.server.script("/oauth/token", .answer(503, [.retryAfter: "\(named)"], ""))

        let first = await failure { try await client.data(for: request()) }
        #expect(first == .busy(status: 503, retryAfter: .seconds(named)))
        scene.pass(.seconds(kept - 1))
        let second = await failure { try await client.data(for: request()) }
        #expect(second == .busy(status: 503, retryAfter: .seconds(1)))
        #expect(scene.server.renewals.count == 1)

        scene.pass(.seconds(1))
        #expect(try await client.data(for: request()).1.statusCode == 200)
        #expect(scene.server.renewals.count == 2)
    }

    @Test("tokens that another process has got meanwhile end the rest, and so does a sign-in")
    func ends() async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        scene.server.script("/oauth/token", .answer(503, [.retryAfter: "60"], ""))
        _ = await failure { try await client.accessToken() }

        _ = try await scene.client(seed: 3).accessToken()
        _ = try await client.accessToken()
        #expect(scene.liveRow?.generation == 1)

        scene.pass(.seconds(300))
        scene.server.script("/oauth/token", .answer(503, [.retryAfter: "60"], ""))
        _ = await failure { try await client.accessToken() }
        try await client.signIn(username: "ada", password: FakeSignet.password)
        scene.pass(.seconds(300))
        #expect(try await client.data(for: request()).1.statusCode == 200)
    }
}
