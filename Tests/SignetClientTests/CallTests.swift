import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Calling an API")
struct CallTests {
    let scene = Scene()
    static let invalidToken: HTTPFields = [.wwwAuthenticate: #"Bearer realm="notes", error="invalid_token""#]

    @Test("the access token goes with the request, in place of any other")
    func attaches() async throws {
        let client = try await scene.signedIn()
        var call = request("/notes?tag=a%20b")
        call.httpMethod = "POST"
        call.httpBody = Data("hello".utf8)
        call.setValue("Bearer stale", forHTTPHeaderField: "Authorization")
        call.setValue("text/plain", forHTTPHeaderField: "Content-Type")

        _ = try await client.data(for: call)

        let sent = try #require(scene.server.requests("/notes?tag=a%20b").first)
        #expect(sent.request.headerFields[values: .authorization] == ["Bearer " + (plain(scene.store.read()?.accessToken) ?? "")])
        #expect(sent.request.headerFields[.contentType] == "text/plain")
        #expect(sent.body == "hello" && sent.request.method == .post)
    }

    @Test("a token that stays refused is renewed once, the request repeated once, and the 401 is the answer")
    func neverLoops() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(401, Self.invalidToken, ""), .answer(401, Self.invalidToken, ""))

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == 401)
        #expect(scene.server.requests("/notes").count == 2)
        #expect(scene.server.renewals.count == 1)
    }

    @Test(
        "a 401 or 403 for another cause renews nothing",
        arguments: [
            (401, #"Bearer realm="notes""#), (401, #"Basic realm="x", error="invalid_token""#), (401, nil),
            (401, #"Bearer error="insufficient_scope""#), (403, #"Bearer error="invalid_token""#),
            (401, #"Bearer realm="error=\"invalid_token\"", scope="a""#), (500, nil),
        ] as [(Int, String?)])
    func otherCauses(status: Int, challenge: String?) async throws {
        let client = try await scene.signedIn()
        var fields = HTTPFields()
        fields[.wwwAuthenticate] = challenge
        scene.server.script("/notes", .answer(status, fields, "no"))

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == status)
        #expect(scene.server.renewals.isEmpty)
        #expect(scene.store.read() != nil)
    }

    @Test(
        "invalid_token is found in every spelling that RFC 9110 allows",
        arguments: [
            #"Bearer error="invalid_token""#, #"bearer error=invalid_token"#, #"BEARER realm="a, b", error = "invalid_token""#,
            #"Basic realm="x", Bearer realm="y",error="invalid_token""#, #"DPoP algs="ES256", Bearer error="invalid_token""#,
        ])
    func spellings(challenge: String) {
        #expect(rejectsAccessToken(HTTPResponse(status: .unauthorized, headerFields: [.wwwAuthenticate: challenge])))
    }

    @Test("a body stream is sent once: its 401 is the answer, with the token renewed for the next call")
    func bodyStream() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(401, Self.invalidToken, ""))
        var call = request()
        call.httpMethod = "PUT"
        call.httpBodyStream = InputStream(data: Data("streamed".utf8))

        let (_, response) = try await client.data(for: call)

        #expect(response.statusCode == 401)
        #expect(scene.server.requests("/notes").map(\.body) == ["streamed"])
        #expect(scene.server.renewals.count == 1)
    }

    @Test(
        "a token goes to no origin that was not named",
        arguments: [
            "https://evil.example.com", "https://api.example.com:8443", "https://api.example.com.evil.com",
            "https://api.example.com@evil.com", "https://user@api.example.com", "http://api.example.com", "https://example.com",
            "ftp://api.example.com", "https://api.example.com.", "https://api.example.com:80", "wss://api.example.com",
            "https://api.example.com%2Eevil.com", "https://api.example.com%2F.evil.com", "https://api.example.com%00",
            "https://api.example.com\\@evil.com", "https:\\\\api.example.com", "https:///api.example.com", "//api.example.com",
            "https://:@api.example.com", "https://api%2Eexample.com:444", "https://\u{430}pi.example.com",
            "https://api.example.com\u{FF0E}evil.com", "https://[::1]", "data:text/plain,api.example.com",
        ])
    func unnamed(origin: String) async throws {
        let client = try await scene.signedIn()
        let before = scene.server.with { $0.requests.count }

        let error = await failure { try await client.data(for: request(at: origin)) }

        guard case .originNotNamed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(scene.server.with { $0.requests.count } == before)
    }

    @Test(
        "an origin is the same however it is spelt",
        arguments: ["HTTPS://API.EXAMPLE.COM", "https://api.example.com:443", "https://Api.Example.Com:443"])
    func spelt(origin: String) async throws {
        let client = try await scene.signedIn()

        #expect(try await client.data(for: request(at: origin)).1.statusCode == 200)
        #expect(scene.server.requests("/notes").map(\.request.authority) == ["api.example.com"])
    }

    @Test(
        "nor to one that was named, but is neither https nor this machine",
        arguments: [
            ("http://192.168.0.7:80", false), ("http://127.0.0.1.example.com", false), ("http://localhost.example.com", false),
            ("http://127.0.0.1:8080", true), ("http://127.1.2.3", true), ("http://[::1]:9", true), ("http://localhost", true),
            ("https://192.168.0.7", true), ("http://0.0.0.0", false), ("http://127.0.0", false),
            ("http://127.1", false), ("http://0x7f.1", false), ("http://2130706433", false), ("http://127.0.0.+1", false),
            ("http://127.0.0.01", false), ("http://[::ffff:127.0.0.1]", false), ("http://localhost.", false),
            ("http://localhost.evil.com", false), ("http://localhostevil", false), ("http://[::2]", false),
            ("HTTP://LOCALHOST", true),
            ("http://127.255.255.255", true), ("http://127.0.0.256", false), ("http://128.0.0.1", false),
        ])
    func confidential(origin: String, isAllowed: Bool) async throws {
        let url = try #require(URL(string: origin))
        _ = try await scene.signedIn()
        let client = SignetClient(
            server: Scene.url, store: scene.store, origins: [url], transport: scene.server, clock: scene.wall,
            monotonicClock: scene.monotonic)

        let error = await failure { try await client.data(for: URLRequest(url: url)) }

        if isAllowed { #expect(error == nil) } else { #expect(error == .insecure(Origin(url)?.description ?? "")) }
    }

    @Test("no password and no token goes to a server that is neither https nor this machine")
    func insecureServer() async throws {
        let url = try #require(URL(string: "http://id.example.com"))
        let client = scene.client(server: url)

        let error = await failure { try await client.signIn(username: "ada", password: FakeSignet.password) }

        #expect(error == .insecure("http://id.example.com"))
        #expect(scene.server.with { $0.requests.isEmpty })
    }

    @Test("nor to one whose address holds a password, and that is not shown")
    func passwordInAddress() async throws {
        let url = try #require(URL(string: "https://me:hidden@id.example.com"))

        let error = await failure { try await scene.client(server: url).signIn(username: "ada", password: FakeSignet.password) }

        #expect(error == .insecure("this address"))
        #expect(scene.server.with { $0.requests.isEmpty })
    }

    @Test(
        "a redirect is followed within the origin, and is the answer when it leads elsewhere",
        arguments: [
            ("/moved", 200), ("https://api.example.com/moved", 200), ("https://evil.example.com/moved", 302),
            ("http://api.example.com/moved", 302), ("//evil.example.com/moved", 302), ("https://id.example.com/moved", 302),
            ("HTTPS://API.example.com:443/moved", 200), ("moved", 200), ("//api.example.com/moved", 200),
            ("https://api.example.com:8443/moved", 302), ("https://api.example.com./moved", 302),
            ("https://api.example.com@evil.example.com/moved", 302), ("https://me@api.example.com/moved", 302),
            ("https://api.example.com.evil.example.com/moved", 302), ("https://[::1]/moved", 302),
            ("ftp://api.example.com/moved", 302),
            ("javascript:alert(1)", 302), ("https:///evil.example.com/moved", 302), ("", 302), ("https://", 302),
            ("https://api.example.com\\@evil.example.com/moved", 302), ("http://api.example.com:443/moved", 302),
        ])
    func redirects(location: String, status: Int) async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(302, [.location: location], ""))

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == status)
        #expect(scene.server.requests("/moved").count == (status == 200 ? 1 : 0))
        #expect(scene.server.requests("/moved").allSatisfy { $0.request.authority == "api.example.com" })
    }

    @Test(
        "a Location that some readers take for another origin leads nowhere else",
        arguments: [
            #"\\evil.example.com/"#, #"/\evil.example.com/"#, #"/\/evil.example.com/"#, "/ /evil.example.com",
            "///evil.example.com/",
            "/moved, https://evil.example.com/", "https://api.example.com/moved, https://evil.example.com/",
            "/moved\thttps://evil.example.com", "?https://evil.example.com", "#https://evil.example.com",
            "https:evil.example.com",
        ])
    func ambiguous(location: String) async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(307, [.location: location], ""))

        _ = try await client.data(for: request())

        let calls = scene.server.with { $0.requests }.filter { $0.path != "/v1/sessions" }
        #expect((1...2).contains(calls.count))
        #expect(calls.allSatisfy { $0.request.authority == "api.example.com" && $0.request.scheme == "https" })
        // What a transport makes of it must not be another origin either.
        for call in calls {
            let url = try #require(URL(string: "https://api.example.com" + call.path))
            #expect(Origin(url)?.description == "https://api.example.com")
        }
    }

    @Test("a body stream is not replayed by a redirect either: it is the answer", arguments: [301, 302, 303, 307, 308])
    func bodyStreamRedirected(status: Int) async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(status, [.location: "/moved"], ""))
        var call = request()
        call.httpMethod = "PUT"
        call.httpBodyStream = InputStream(data: Data("streamed".utf8))

        let (_, response) = try await client.data(for: call)

        #expect(scene.server.with { $0.requests }.filter { $0.body == "streamed" }.count == 1)
        #expect(response.statusCode == (status == 303 ? 200 : status))
    }

    @Test("redirects in a circle come to an end")
    func circle() async throws {
        let client = try await scene.signedIn()
        for _ in 0..<10 { scene.server.script("/notes", .answer(307, [.location: "/notes"], "")) }

        #expect(await failure { try await client.data(for: request()) } == .network(TransportError("too many redirects")))
        #expect(scene.server.requests("/notes").count == 5)
    }

    @Test("after a 303 the body is not sent again")
    func seeOther() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(303, [.location: "/made"], ""))
        var call = request()
        call.httpMethod = "POST"
        call.httpBody = Data("once".utf8)

        let (_, response) = try await client.data(for: call)

        #expect(response.url?.path() == "/made")
        #expect(scene.server.requests("/made").map(\.request.method) == [.get])
        #expect(scene.server.requests("/made").map(\.body) == [""])
    }

    @Test("a call to the network that fails is `network`, and is not repeated")
    func offline() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .loseAnswer)

        #expect(await failure { try await client.data(for: request()) } == .network(TransportError("lost on the way back")))
        #expect(scene.server.requests("/notes").count == 1)
    }
}
