import HTTPTypes
import SignetTokens
import Testing

@Suite("Methods, unknown paths and large headers")
struct MethodsAndLimitsTests {
    private static let id = "018bcfe5-6800-7000-8000-000000000000"
    static let paths: [(path: String, allow: String)] = [
        ("/v1/sessions", "DELETE, GET, HEAD, POST"), ("/v1/sessions/\(id)", "DELETE, GET, HEAD, PATCH"),
        ("/v1/account", "GET, HEAD"),
        ("/v1/verify", "GET, HEAD"), ("/oauth/token", "POST"), ("/oauth/revoke", "POST"),
        ("/.well-known/jwks.json", "GET, HEAD"), ("/.well-known/oauth-authorization-server", "GET, HEAD"),
        ("/.well-known/openid-configuration", "GET, HEAD"), ("/health/live", "GET, HEAD"), ("/health/ready", "GET, HEAD"),
    ]

    @Test("a wrong method on every path is answered 405 with Allow (HTTP-5)", arguments: paths)
    func answers405(path: String, allow: String) async throws {
        try await TestServer.run { server in
            let allowed = allow.split(separator: ", ").map(String.init)
            for name in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] where !allowed.contains(name) {
                let answer = try await server.send(#require(HTTPRequest.Method(name)), path)

                #expect(answer.status == 405, "\(name)")
                #expect(answer.headers[.allow] == allow)
                #expect(name == "HEAD" ? answer.bytes == [] : answer.isWellFormedError)
            }
        }
    }

    @Test("HEAD works wherever GET does, with GET's headers and no body", arguments: paths.filter { $0.allow.contains("GET") })
    func answersHead(path: String, allow: String) async throws {
        try await TestServer.run { server in
            let token = try await server.signedIn().access
            for headers in [[:], [.authorization: "Bearer \(token)"]] as [HTTPFields] {
                let get = try await server.send(.get, path, headers)
                let head = try await server.send(.head, path, headers)

                #expect(head.status == get.status)
                #expect(head.headers == get.headers)
                #expect(head.bytes == [])
            }
        }
    }

    @Test("an unknown path is a 404 problem (PRB-1), and in OAuth's folder an OAuth error")
    func answers404() async throws {
        try await TestServer.run { server in
            let problem = try await server.get("/v2/nothing")
            #expect(problem.status == 404)
            #expect(problem.headers[.contentType] == "application/problem+json")
            #expect(problem["type"] == "about:blank")
            #expect(problem["title"] == "Not Found")
            #expect(problem.body["status"] == 404)
            #expect(problem["detail"] == "There is nothing at this path.")

            #expect(try await server.send(.head, "/v2/nothing").bytes == [])
            #expect(try await server.get("/oauth/nothing").isWellFormedError)
            #expect(try await server.get("/").isWellFormedError)
            #expect(try await server.get("/v1/sessions/x/y").status == 404)
        }
    }

    @Test("a method that nobody knows is answered 501")
    func answers501() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(#require(HTTPRequest.Method("BREW")), "/oauth/token")

            #expect(answer.status == 501)
            #expect(answer.isWellFormedError)
        }
    }

    @Test("one field of 8 KiB is read and a longer one is not; 32 KiB in all are read and more is not (HTTP-6)")
    func answers431() async throws {
        try await TestServer.run { server in
            func answer(_ fields: [Int], path: String = "/health/live") async throws -> Answer {
                var headers: HTTPFields = [:]
                for (index, length) in fields.enumerated() {
                    guard let name = HTTPField.Name("X-\(index)") else { continue }
                    headers[name] = String(repeating: "x", count: length - name.rawName.utf8.count)
                }
                return try await server.send(.get, path, headers)
            }

            let longest = try await answer([8192])
            let tooLong = try await answer([8193])
            let largest = try await answer([8192, 8192, 8192, 8192])
            let tooLarge = try await answer([8192, 8192, 8192, 8192, 10])
            let longTarget = try await answer([], path: "/health/live?" + String(repeating: "x", count: 8192))

            #expect([longest, largest].map(\.status) == [200, 200])
            #expect([tooLong, tooLarge, longTarget].map(\.status) == [431, 431, 431])
            #expect(tooLong.isWellFormedError)
        }
    }

    @Test("JSON bodies are read up to 64 KiB")
    func limitsJSON() async throws {
        try await TestServer.run { server in
            let padding = JSONValue.string(String(repeating: "x", count: 65_536))

            let answer = try await server.signIn(["padding": padding])

            #expect(answer.status == 413)
            #expect(answer.isWellFormedError)
        }
    }

    @Test("a body shorter than announced is refused, for half a form can read like a whole one")
    func refusesHalfBodies() async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh
            let body = Form.encode([("grant_type", "refresh_token"), ("refresh_token", refresh)])
            let head = HTTPRequest(
                method: .post, scheme: nil, authority: nil, path: "/oauth/token",
                headerFields: [
                    .contentType: "application/x-www-form-urlencoded", .contentLength: "\(body.count + 50)",
                ])

            let answer = try await DirectClient(server).send(head, body)

            #expect(answer.verdict == "400 invalid_request")
            #expect(answer["error_description"] == "The body is shorter than its Content-Length.")
        }
    }
}
