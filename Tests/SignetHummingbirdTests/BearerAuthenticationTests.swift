import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import SignetHummingbird
import SignetTestKit
import SignetTokens
import SignetVerifier
import Testing

@Suite("Using an access token at an API")
struct BearerAuthenticationTests {
    let api = Guarded()

    @Test("API.md's three lines protect a Hummingbird application")
    func threeLines() async throws {
        let (id, secret) = ("notes-api", Secret("s3cret"))
        let router = Router(context: BasicAccessTokenRequestContext.self)

        let verifier = AccessTokenVerifier(
            issuer: "https://id.example.com", audience: "https://api.example.com", credential: .basic(id, secret))
        router.add(middleware: BearerAuthentication(verifier))  // context.accessToken is the caller
        router.get("me") { _, context in try context.accessToken.subject }
        var app = Application(router: router)
        app.addServices(verifier)

        #expect(app.services.count == 1)
    }

    @Test("a good token lets the handler know who calls")
    func good() async throws {
        let answer = try await api.answer(["Bearer " + good(scope: "")])

        #expect(answer.status == 200)
        #expect(answer.text == "ada")
        #expect(answer.challenge == nil)
    }

    @Test(
        "the scheme is read without case, and any number of spaces may follow it, BEA-1",
        arguments: ["bearer ", "BEARER ", "bEaReR   "])
    func scheme(_ scheme: String) async throws {
        #expect(try await api.answer([scheme + good(scope: "")]).status == 200)
    }

    @Test(
        "without credentials that it understands the API says how to come back, and no error, BEA-3",
        arguments: [[], ["Basic YTpi"], ["DPoP abc"], ["Bearerabc"], ["Negotiate"]] as [[String]])
    func noCredentials(_ authorization: [String]) async throws {
        let answer = try await api.answer(authorization)

        #expect(answer.status == 401)
        #expect(answer.challenge == #"Bearer realm="https://api.example.com""#)
        #expect(answer.contentType == "application/problem+json")
        #expect(
            answer.text
                == #"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"An access token is needed."}"#)
    }

    @Test("a token in the query is not read, BEA-2")
    func query() async throws {
        let answer = try await api.answer([], "/me?access_token=" + good(scope: ""))

        #expect(answer.status == 401)
        #expect(answer.challenge == #"Bearer realm="https://api.example.com""#)
    }

    @Test(
        "a token in the query beside a good one in the header is two methods at once, BEA-2",
        arguments: ["access_token", "a=b&access_token"])
    func twoMethods(_ name: String) async throws {
        #expect(try await api.answer(["Bearer " + good(scope: "")], "/me?\(name)=abc").status == 400)
    }

    @Test(
        "a malformed request gets 400 invalid_request, BEA-1 and BEA-4",
        arguments: [
            ["Bearer"], ["Bearer "], ["Bearer a b"], ["Bearer a,b"], ["Bearer \"a\""], ["Bearer =a"], ["Bearer a=b"],
            ["Bearer ="],
            ["Bearer é"], ["Bearer a\tb"], ["Bearer\ta"], ["Bearer: a"], [""], [" "], ["Bearer token=\"a\""], ["Bearer %61"],
            ["Bearer a", "Bearer a"], ["Bearer a", "Basic YTpi"], ["Basic YTpi", "Basic YTpi"], ["Bearer a, Bearer b"],
        ] as [[String]])
    func malformed(_ authorization: [String]) async throws {
        let answer = try await api.answer(authorization)

        #expect(answer.status == 400)
        #expect(
            answer.challenge
                == #"Bearer realm="https://api.example.com", error="invalid_request", "#
                + #"error_description="Send exactly one Authorization header, with one bearer token in it""#)
        #expect(answer.contentType == "application/problem+json")
        #expect(answer.cacheControl == "no-store")
    }

    @Test("two good tokens in two headers are one too many, BEA-1")
    func twoHeaders() async throws {
        let token = "Bearer " + good(scope: "")

        #expect(try await api.answer([token, token]).status == 400)
    }

    @Test("an expired token is called expired, so that clients renew, BEA-5")
    func expired() async throws {
        let token = good(scope: "")
        api.clock.advance(by: .seconds(330))

        let answer = try await api.answer(["Bearer " + token])

        #expect(answer.status == 401)
        #expect(
            answer.challenge
                == #"Bearer realm="https://api.example.com", error="invalid_token", error_description="The access token expired""#
        )
        #expect(
            answer.text
                == #"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The access token expired."}"#)
    }

    @Test("while nobody knows what is revoked, and the policy takes no risk, the answer is 503 with Retry-After")
    func revocationsUnknown() async throws {
        struct KeysAlone: Transport, StreamingTransport {
            struct NoFeed: Error {}
            let keySet: KeySet
            func send(_ request: HTTPRequest, body: [UInt8]) async throws -> (response: HTTPResponse, body: [UInt8]) {
                (HTTPResponse(status: .ok), keySet.json.bytes)
            }
            func open(
                _ request: HTTPRequest
            ) async throws -> (response: HTTPResponse, body: any AsyncSequence<[UInt8], any Error> & Sendable) { throw NoFeed() }
        }
        let network = KeysAlone(keySet: api.issuer.keySet)
        let verifier = AccessTokenVerifier(
            issuer: api.issuer.name, audience: "https://api.example.com", followsPublicFeed: true, whenSilent: .closed,
            jwksURL: "https://id.example.com/jwks", transport: network, streams: network, clock: api.clock, logger: .test)
        let router = Router(context: BasicAccessTokenRequestContext.self)
        router.add(middleware: BearerAuthentication(verifier))
        router.get("me") { _, _ in "never" }
        let authorization = "Bearer " + good(scope: "")

        let answer = try await Application(router: router, logger: .test).test(.router) { client in
            Answer(try await client.execute(uri: "/me", method: .get, headers: [.authorization: authorization]))
        }

        #expect(answer.status == 503)
        #expect(answer.retryAfter == "2")
        #expect(answer.challenge == nil)
    }

    @Test("a revoked token's challenge does not say what was revoked")
    func revoked() {
        #expect(TokenError.revoked.challengeDescription == TokenError.badSignature.challengeDescription)
    }

    @Test("without any key the answer is 503 with Retry-After, and never 401")
    func keysUnavailable() async throws {
        struct Unreachable: Error {}
        struct NoNetwork: Transport {
            func send(
                _ request: HTTPRequest, body: [UInt8]
            ) async throws -> (response: HTTPResponse, body: [UInt8]) { throw Unreachable() }
        }
        let verifier = AccessTokenVerifier(
            issuer: api.issuer.name, audience: "https://api.example.com", transport: NoNetwork(), clock: api.clock,
            logger: .test)
        let router = Router(context: BasicAccessTokenRequestContext.self)
        router.add(middleware: BearerAuthentication(verifier))
        router.get("me") { _, _ in "never" }
        let authorization = "Bearer " + good(scope: "")

        let answer = try await Application(router: router, logger: .test).test(.router) { client in
            Answer(try await client.execute(uri: "/me", method: .get, headers: [.authorization: authorization]))
        }

        #expect(answer.status == 503)
        #expect(answer.retryAfter == "1")
        #expect(answer.challenge == nil)
        #expect(answer.contentType == "application/problem+json")
    }

    @Test("what cannot stand between quotes is left out of the realm, BEA-5")
    func realm() async throws {
        let router = Router(context: BasicAccessTokenRequestContext.self)
        router.add(middleware: BearerAuthentication(api.verifier, realm: "a\"b\\c\r\nd\u{E9} e"))
        router.get("me") { _, _ in "never" }

        let challenge = try await Application(router: router, logger: .test).test(.router) { client in
            try await client.execute(uri: "/me", method: .get).headers[.wwwAuthenticate]
        }

        #expect(challenge == "Bearer realm=\"abcd e\"")
    }

    @Test("a handler outside the middleware that asks for the caller is a fault of ours", arguments: ["/open", "/unguarded"])
    func outside(_ path: String) async throws {
        let answer = try await api.answer(["Bearer " + good(scope: "notes:write")], path)

        #expect(answer.status == 500)
        #expect(answer.contentType == "application/problem+json")
        #expect(answer.text == #"{"type":"about:blank","title":"Internal Server Error","status":500}"#)
    }

    private func good(scope: Scope) -> String {
        let token = try? api.issuer.token(at: api.clock.now, scope: scope)
        return token?.reveal { String($0) } ?? ""
    }
}

@Suite("Asking for a scope")
struct RequireScopeTests {
    let api = Guarded()

    @Test(
        "only a token with each of the scopes passes, BEA-4",
        arguments: [
            ("/write", .post, "notes:write", 200), ("/write", .post, "a notes:write z", 200), ("/write", .post, "", 403),
            ("/write", .post, "notes:read", 403), ("/write", .post, "notes:writer", 403), ("/write", .post, "notes:writ", 403),
            ("/write", .post, "Notes:write", 403), ("/both", .get, "notes:read notes:write", 200),
            ("/both", .get, "notes:read", 403),
        ] as [(String, HTTPRequest.Method, String, Int)])
    func scopes(_ path: String, _ method: HTTPRequest.Method, _ scope: String, _ status: Int) async throws {
        let token = try api.issuer.token(at: api.clock.now, scope: try #require(Scope(scope)))

        #expect(try await api.answer(["Bearer " + token.reveal { String($0) }], path, method).status == status)
    }

    @Test("the refusal names the scopes that are needed, BEA-4 and PRB-2")
    func challenge() async throws {
        let token = try api.issuer.token(at: api.clock.now)

        let answer = try await api.answer(["Bearer " + token.reveal { String($0) }], "/both")

        #expect(
            answer.challenge
                == #"Bearer realm="https://api.example.com", error="insufficient_scope", "#
                + #"error_description="The access token does not allow this", scope="notes:read notes:write""#)
        #expect(
            answer.text
                == #"{"type":"about:blank","title":"Forbidden","status":403,"detail":"The access token does not allow this."}"#)
    }

    @Test("a scope that breaks the grammar lets nobody through", arguments: ["/mistake", "/empty"])
    func mistake(_ path: String) async throws {
        let token = try api.issuer.token(at: api.clock.now, scope: "notes:write write notes")

        #expect(try await api.answer(["Bearer " + token.reveal { String($0) }], path).status == 403)
    }
}
