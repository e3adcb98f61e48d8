import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

@Suite("Answers that sign nobody out")
struct KeepingTokensTests {
    struct Strange: Sendable, CustomTestStringConvertible {
        let status: Int
        var type: String? = "application/json"
        var body = ""
        var fields: HTTPFields = [:]
        let error: SignetClientError

        var testDescription: String { "\(status) \(body.prefix(40))" }
    }

    static let strange: [Strange] = [
        Strange(status: 400, type: "text/html", body: #"{"error":"invalid_grant"}"#, error: .faulty(status: 400)),
        Strange(status: 400, type: nil, body: #"{"error":"invalid_grant"}"#, error: .faulty(status: 400)),
        Strange(status: 400, body: #"{"error":"invalid_grant"} "#.replacing("}", with: ""), error: .faulty(status: 400)),
        Strange(status: 400, body: #"{"error":"invalid_grant","error":"invalid_grant"}"#, error: .faulty(status: 400)),
        Strange(status: 400, body: #"{"error":["invalid_grant"]}"#, error: .refused(status: 400, code: "without a reason")),
        Strange(status: 400, body: #"{"error":"invalid_request"}"#, error: .refused(status: 400, code: "invalid_request")),
        Strange(status: 400, body: #"{"error":"invalid_scope"}"#, error: .refused(status: 400, code: "invalid_scope")),
        Strange(status: 401, body: #"{"error":"invalid_client"}"#, error: .refused(status: 401, code: "invalid_client")),
        Strange(status: 401, body: #"{"error":"invalid_grant"}"#, error: .refused(status: 401, code: "invalid_grant")),
        Strange(status: 401, type: "text/html", body: "<html>", error: .faulty(status: 401)),
        Strange(status: 403, body: #"{"error":"invalid_grant"}"#, error: .refused(status: 403, code: "invalid_grant")),
        Strange(status: 404, type: nil, error: .faulty(status: 404)),
        Strange(status: 200, type: "text/html", body: "<html>Please accept our terms", error: .faulty(status: 200)),
        Strange(status: 200, body: #"{"error":"invalid_grant"}"#, error: .faulty(status: 200)),
        Strange(status: 200, body: #"{"access_token":"a","token_type":"Bearer","expi"#, error: .faulty(status: 200)),
        Strange(status: 200, body: #"{"access_token":"a","token_type":"Bearer"}"#, error: .faulty(status: 200)),
        Strange(status: 204, type: nil, error: .faulty(status: 204)),
        Strange(
            status: 302, type: nil, fields: [.location: "https://id.example.com/oauth/token"], error: .faulty(status: 302)),
        Strange(status: 307, type: nil, fields: [.location: "https://evil.example.com/"], error: .faulty(status: 307)),
        Strange(
            status: 429, body: #"{"error":"slow_down"}"#, fields: [.retryAfter: "3600"],
            error: .busy(status: 429, retryAfter: .seconds(3600))),
        Strange(status: 500, type: nil, body: "oops", error: .faulty(status: 500)),
        Strange(status: 500, body: #"{"error":"invalid_grant"}"#, error: .faulty(status: 500)),
        Strange(status: 502, type: "text/html", body: "<html>", error: .faulty(status: 502)),
        Strange(
            status: 503, body: #"{"error":"temporarily_unavailable","reason":"ahead"}"#, fields: [.retryAfter: "60"],
            error: .busy(status: 503, retryAfter: .seconds(60))),
        Strange(status: 503, body: #"{"error":"invalid_grant"}"#, error: .busy(status: 503, retryAfter: nil)),
    ]

    @Test("only a well-formed 400 invalid_grant signs out: here the tokens stay, and the next call goes on", arguments: strange)
    func keeps(_ strange: Strange) async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        let before = try #require(scene.store.read())
        scene.pass(.seconds(300))
        var fields = strange.fields
        fields[.contentType] = strange.type
        for _ in 0..<4 { scene.server.script("/oauth/token", .answer(strange.status, fields, strange.body)) }

        let error = await failure { try await client.accessToken() }

        #expect(error == strange.error)
        #expect(plain(scene.store.read()?.refreshToken) == plain(before.refreshToken))
        #expect(scene.server.renewals.allSatisfy { $0.request.authority == "id.example.com" })
        scene.server.with { $0.faults = [] }
        _ = try await client.accessToken()
        #expect(Set(scene.server.renewals.map(\.request.headerFields)).count == 1, "the same key every time")
    }

    @Test("tokens of another session in an answer are not taken for ours")
    func otherSession() async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let body = """
            {"access_token":"a","token_type":"Bearer","expires_in":300,"refresh_token":"sgr1_x",\
            "session_id":"018f0000-0000-7000-8000-000000000000"}
            """
        for _ in 0..<4 { scene.server.script("/oauth/token", .answer(200, [.contentType: "application/json"], body)) }

        #expect(await failure { try await client.accessToken() } == .faulty(status: 200))
        _ = try await client.accessToken()
    }

    @Test("Retry-After is waited for when it is short")
    func retryAfter() async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let before = scene.monotonic.now
        scene.server.script("/oauth/token", .answer(503, [.retryAfter: "7"], ""))

        _ = try await client.accessToken()

        #expect(before.duration(to: scene.monotonic.now) == .seconds(7))
    }

    @Test("a renewal that was raced waits, reads its store again and goes on")
    func raced() async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        // Another device with a copy of the store has just renewed with a key of its own; ours is the one that comes second.
        let copy = MemoryTokenStore(scene.store.read())
        scene.pass(.seconds(300))
        _ = try await scene.client(store: copy, seed: 40).accessToken()
        await scene.server.gate.close()

        async let token = client.accessToken()
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        if let winner = copy.read() { scene.store.write(winner) }
        await scene.server.gate.open()

        #expect(try await plain(token) == plain(copy.read()?.accessToken))
        #expect(scene.liveRow?.generation == 1)
    }
}
