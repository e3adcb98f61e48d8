import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Answers that sign nobody out")
struct KeepingTokensTests {
    struct Strange: Sendable, CustomTestStringConvertible {
        let status: Int
        var type: String? = "application/json"
        var body = ""
        var fields: HTTPFields = [:]
        let error: SignetClientError

        /// Whether asking again may help: the server itself has not said no in OAuth's words, nor to come back in an hour.
        var isRepeated: Bool {
            switch error {
            case .refused: !body.contains(#""error":""#)
            case .busy(_, let pause): (pause ?? .zero) < .seconds(20)
            default: true
            }
        }

        var testDescription: String { "\(status) \(body.prefix(40))" }
    }

    /// An answer with tokens, but for what comes before them.
    private static func good(_ member: String) -> String {
        #"{\#(member)"access_token":"a","token_type":"Bearer","expires_in":300}"#
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
        Strange(status: 400, type: "text/html", body: "<html>invalid_grant", error: .faulty(status: 400)),
        Strange(status: 400, type: "text/json", body: #"{"error":"invalid_grant"}"#, error: .faulty(status: 400)),
        Strange(status: 400, body: #"[{"error":"invalid_grant"}]"#, error: .faulty(status: 400)),
        Strange(status: 400, body: #"{"title":"invalid_grant"}"#, error: .refused(status: 400, code: "invalid_grant")),
        Strange(status: 400, body: #"{"error":"Invalid_Grant"}"#, error: .refused(status: 400, code: "Invalid_Grant")),
        Strange(status: 400, error: .faulty(status: 400)),
        Strange(status: 403, type: "text/html", body: "<html>", error: .faulty(status: 403)),
        Strange(status: 407, type: "text/html", body: "<html>", error: .faulty(status: 407)),
        Strange(status: 408, type: nil, error: .faulty(status: 408)),
        Strange(status: 410, body: #"{"error":"invalid_grant"}"#, error: .refused(status: 410, code: "invalid_grant")),
        Strange(status: 425, type: nil, error: .faulty(status: 425)),
        Strange(status: 429, type: "text/html", body: "<html>", error: .busy(status: 429, retryAfter: nil)),
        Strange(status: 429, body: #"{"error":"invalid_grant"}"#, error: .busy(status: 429, retryAfter: nil)),
        Strange(status: 200, error: .faulty(status: 200)),
        Strange(status: 200, type: nil, error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""access_token":"b","#), error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""user_id":"018f0000-0000-7000-8000-000000000000","#), error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""session_id":"018f0000-0000-7000-8000-000000000000","#), error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""user_id":7,"#), error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""session_id":"mine","#), error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""refresh_token":"","#), error: .faulty(status: 200)),
        Strange(status: 200, body: good(#""refresh_token":"a b","#), error: .faulty(status: 200)),
        Strange(status: 200, body: good("").replacing("Bearer", with: "DPoP"), error: .faulty(status: 200)),
        Strange(status: 201, body: good(""), error: .faulty(status: 201)),
        Strange(status: 301, type: nil, fields: [.location: "/login"], error: .faulty(status: 301)),
        Strange(status: 303, type: nil, fields: [.location: "https://portal.example.com/"], error: .faulty(status: 303)),
        Strange(status: 308, type: nil, fields: [.location: "https://evil.example.com/"], error: .faulty(status: 308)),
        Strange(status: 501, type: nil, error: .faulty(status: 501)),
        Strange(status: 504, type: "text/html", body: "<html>", error: .faulty(status: 504)),
        Strange(status: 599, body: #"{"error":"invalid_grant"}"#, error: .faulty(status: 599)),
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
        #expect(scene.server.renewals.count == (strange.isRepeated ? 4 : 1))
        #expect(plain(scene.store.read()?.refreshToken) == plain(before.refreshToken))
        #expect(scene.server.renewals.allSatisfy { $0.request.authority == "id.example.com" })
        scene.server.with { $0.faults = [] }
        // As long as a Retry-After is kept at most.
        scene.pass(.seconds(60))
        _ = try await client.accessToken()
        #expect(Set(scene.server.renewals.map(\.request.headerFields)).count == 1, "the same key every time")
    }

    @Test(
        "a time-out, a failed handshake and a missing network are asked through with growing pauses",
        arguments: ["no answer in time", "no secure connection to the server can be made", "the server's name cannot be found"])
    func noAnswer(description: String) async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let trouble = FakeSignet.Fault.fail(TransportError(description))
        scene.server.script("/oauth/token", trouble, trouble, trouble, trouble, trouble, trouble)
        let before = scene.monotonic.now

        #expect(await failure { try await client.accessToken() } == .network(TransportError(description)))

        #expect(scene.server.renewals.count == 4)
        #expect(before.duration(to: scene.monotonic.now) == .milliseconds(500 + 1000 + 2000))
        #expect(try await client.data(for: request()).1.statusCode == 200)
        #expect(Set(scene.server.renewals.map(\.request.headerFields)).count == 1, "the same key every time")
    }

    @Test("invalid_grant from any other door signs nobody out, not even from the server's own")
    func otherDoors() async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        let id = try #require(scene.store.read()?.sessionID)
        let before = plain(scene.store.read()?.refreshToken)
        let refusal = FakeSignet.Fault.answer(
            400, [.contentType: "application/json"], #"{"error":"invalid_grant","reason":"reused"}"#)
        let refused = SignetClientError.refused(status: 400, code: "invalid_grant")
        for path in ["/notes", "/v1/sessions", "/v1/sessions", "/v1/sessions/\(id)", "/v1/sessions/\(id)"] {
            scene.server.script(path, refusal)
        }

        #expect(try await client.data(for: request()).1.statusCode == 400)
        #expect(await failure { try await client.devices() } == refused)
        #expect(await failure { try await client.signIn(username: "ada", password: FakeSignet.password) } == refused)
        #expect(await failure { try await client.renameDevice(id, to: "Mine") } == refused)
        #expect(await failure { try await client.revokeDevice(id) } == refused)

        #expect(plain(scene.store.read()?.refreshToken) == before)
        #expect(scene.server.renewals.isEmpty)
        _ = try await client.accessToken()
    }

    @Test("a sign-out is thrown once to each who waits; then nobody is signed in, and the news say so once")
    func thrownOnce() async throws {
        let scene = Scene()
        let client = try await scene.signedIn()
        let other = scene.client(seed: 3)
        _ = try await other.accessToken()
        var news = client.states.makeAsyncIterator()
        var othersNews = other.states.makeAsyncIterator()
        #expect(await news.next() == .signedIn)
        #expect(await othersNews.next() == .signedIn)
        scene.server.with { state in for id in state.rows.keys { state.rows[id]?.ending = .idleExpired } }
        scene.pass(.seconds(300))
        await scene.server.gate.close()

        let errors = await withTaskGroup(of: SignetClientError?.self) { group in
            for _ in 0..<10 { group.addTask { await failure { try await client.data(for: request()) } } }
            while await client.renewal.flight.passengers < 10 { await Task.yield() }
            await scene.server.gate.open()
            return await group.reduce(into: []) { $0.append($1) }
        }

        #expect(errors == Array(repeating: .signedOut(reason: "idle_expired"), count: 10))
        #expect(scene.store.read() == nil)
        #expect(await failure { try await client.data(for: request()) } == .notSignedIn)
        #expect(await failure { try await other.data(for: request()) } == .notSignedIn)
        #expect(await failure { try await other.data(for: request()) } == .notSignedIn)
        #expect(scene.server.renewals.count == 1)
        try await client.signIn(username: "ada", password: FakeSignet.password)
        _ = try await other.accessToken()
        #expect(await news.next() == .signedOut(reason: "idle_expired"))
        #expect(await news.next() == .signedIn)
        #expect(await othersNews.next() == .signedOut(reason: nil))
        #expect(await othersNews.next() == .signedIn)
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
