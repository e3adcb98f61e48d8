import HTTPTypes
import SignetServer
import SignetTestKit
import SignetTokens
import Testing

@Suite("Discovery: metadata and keys")
struct DiscoveryTests {
    private static let members = [
        "issuer", "token_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri", "scopes_supported",
        "grant_types_supported",
        "token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_methods_supported",
    ]

    @Test("both documents say the same, may be cached and read by scripts of any origin (MET-1)")
    func servesBothDocuments() async throws {
        try await TestServer.run { server in
            let oauth = try await server.get("/.well-known/oauth-authorization-server")
            let openID = try await server.get("/.well-known/openid-configuration")

            #expect(oauth.bytes == openID.bytes)
            for answer in [oauth, openID] {
                #expect(answer.status == 200)
                #expect(answer.headers[.contentType] == "application/json")
                #expect(answer.headers[.cacheControl] == "public, max-age=300")
                #expect(answer.headers[.accessControlAllowOrigin] == "*")
                #expect(answer["issuer"] == "https://id.example.com")
            }
        }
    }

    @Test(
        "only what is served is advertised, nothing empty, and every URL leads somewhere (MET-6)", arguments: ["", "/t1", "/a/b"])
    func advertisesWhatIsThere(path: String) async throws {
        try await TestServer.run(issuer: "https://id.example.com" + path) { server in
            let document = try await server.get(path + "/.well-known/openid-configuration").body

            #expect(Set(document.members.map(\.name)) == Set(Self.members))
            #expect(document.members.allSatisfy { $0.value.array?.isEmpty != true })
            #expect(document["grant_types_supported"] == ["refresh_token", "client_credentials"])
            for member in document.members where member.name.hasSuffix("_endpoint") || member.name.hasSuffix("_uri") {
                let url = try #require(member.value.string)
                #expect(url.hasPrefix("https://id.example.com\(path)/"))
                let target = String(url.dropFirst("https://id.example.com".count))
                let isDocument = member.name.hasSuffix("_uri")
                let answer = isDocument ? try await server.get(target) : try await server.post(target, form: [("x", "y")])
                // Whoever introspects has to say first who it is.
                let refusal = member.name == "introspection_endpoint" ? 401 : 400
                #expect(answer.status == (isDocument ? 200 : refusal), "\(url)")
            }
        }
    }

    @Test("an issuer with a path has its documents where RFC 8414 inserts and OIDC appends, and every door beneath it")
    func servesBeneathPath() async throws {
        try await TestServer.run(issuer: "https://id.example.com/t1") { server in
            let inserted = try await server.get("/.well-known/oauth-authorization-server/t1")
            let appended = try await server.get("/t1/.well-known/openid-configuration")
            #expect(inserted["issuer"] == "https://id.example.com/t1")
            #expect(inserted.bytes == appended.bytes)

            for (path, allow) in MethodsAndLimitsTests.paths {
                #expect(try await server.send(.put, "/t1" + path).headers[.allow] == allow)
            }
            let body: JSONValue = ["username": "ada", "password": .string(TestServer.password)]
            let signIn = try await server.post("/t1/v1/sessions", json: body)
            let tokens = try signIn.tokens()
            #expect(signIn.headers[.location] == "https://id.example.com/t1/v1/sessions/\(tokens.session)")
            #expect(try await server.get("/t1/v1/account", bearer: tokens.access).status == 200)
            #expect(
                try await server.post(
                    "/t1/oauth/token", form: [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh)]
                )
                .status == 200)
            #expect(try await server.post("/t1/oauth/token", form: []).error == "invalid_request")
        }
    }

    @Test("URLs come from the issuer and never from the request (HTTP-8)")
    func ignoresHost() async throws {
        try await TestServer.run { server in
            let headers: HTTPFields = [.forwardedFor: "6.6.6.6", .init("X-Forwarded-Host") ?? .accept: "evil.example"]

            let answer = try await server.send(.get, "/.well-known/openid-configuration", headers)

            #expect(answer["jwks_uri"] == "https://id.example.com/.well-known/jwks.json")
        }
    }

    @Test("the key set has public members only, each key named by its thumbprint (JWK-1, JWK-2, JWK-4)")
    func publishesKeys() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/.well-known/jwks.json")

            #expect(answer.headers[.contentType] == "application/jwk-set+json")
            #expect(answer.headers[.cacheControl] == "public, max-age=300")
            #expect(answer.headers[.accessControlAllowOrigin] == "*")
            let keys = try #require(answer.body["keys"]?.array).compactMap(\.object)
            // The one that signs, and the one that will.
            #expect(keys.count == 2)
            for key in keys {
                #expect(Set(key.members.map(\.name)) == ["kty", "crv", "x", "y", "kid", "use", "alg"])
                #expect(key["use"] == "sig")
                #expect(key["alg"] == "ES256")
                #expect(PublicKey(jwk: key)?.thumbprint == key["kid"]?.string)
                #expect(key["x"]?.string.flatMap { Base64URL.decode($0.utf8) }?.count == 32)
                #expect(key["y"]?.string.flatMap { Base64URL.decode($0.utf8) }?.count == 32)
            }
        }
    }

    @Test("the published keys verify what is signed")
    func publishesSigningKey() async throws {
        try await TestServer.run { server in
            let token = try await server.signedIn().access
            let keys = try #require(KeySet(parsing: await server.get("/.well-known/jwks.json").bytes))
            let rules = AccessTokenRules(issuer: TestServer.issuer, audiences: [TestServer.issuer])

            let verified = try rules.verify(Secret(token), with: keys, now: server.clock.now)

            #expect(verified.token.userID == server.ada)
        }
    }

    @Test(
        "a name that cannot be an issuer founds no server",
        arguments: ["https://id.example.com/", "id.example.com", "https://id.example.com/:a"])
    func refusesIssuers(issuer: String) async throws {
        await #expect(throws: IssuerProblem.malformed) {
            try await TestServer.run(issuer: issuer) { _ in }
        }
    }
}
