import HTTPTypes
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Introspection (RFC 7662)")
struct IntrospectionTests {
    private static let inactive = Array(#"{"active":false}"#.utf8)

    @Test("tells a resource server everything about a good token for its resource (INT-3)")
    func active() async throws {
        try await withAPIs { server, tokens in
            let answer = try await server.introspect(tokens.access, as: "notes-api")

            #expect(answer.status == 200)
            #expect(answer.headers[.cacheControl] == "no-store")
            let claims = try Tokens.claims(of: tokens.access)
            var expected = claims
            expected["active"] = true
            expected["token_type"] = "Bearer"
            expected["username"] = "ada"
            #expect(Set(answer.body.members.map(\.name)) == Set(expected.members.map(\.name)))
            for member in expected.members { #expect(answer.body[member.name] == member.value, "\(member.name)") }
            for name in ["exp", "iat"] { #expect(answer.body[name]?.integer != nil) }
            #expect(answer["sid"] == tokens.session)
        }
    }

    @Test("is for clients with a secret alone (INT-1)")
    func authenticates() async throws {
        try await withAPIs { server, tokens in
            let form = [("token", tokens.access)]
            let nobody = try await server.post("/oauth/introspect", form: form)
            let publicClient = try await server.post("/oauth/introspect", form: form + [("client_id", "signet")])
            let wrong = try await server.post(
                "/oauth/introspect", form: form + [("client_id", "notes-api"), ("client_secret", "wrong")])
            let nothing = try await server.post(
                "/oauth/introspect", form: [("client_id", "notes-api"), ("client_secret", "notes-api-secret")])

            for answer in [nobody, publicClient, wrong] {
                #expect(answer.verdict == "401 invalid_client")
                #expect(answer.isWellFormedError)
            }
            #expect(nothing.verdict == "400 invalid_request")
            #expect(try await server.get("/oauth/introspect").status == 405)
        }
    }

    @Test("says exactly that it is not active, whatever the reason (INT-2, INT-4)")
    func inactive() async throws {
        try await withAPIs { server, tokens in
            let (header, rest) = (tokens.access.prefix { $0 != "." }, tokens.access.drop { $0 != "." })
            let forged = header + rest.dropLast(4) + (rest.hasSuffix("AAAA") ? "BBBB" : "AAAA")
            for token in ["rubbish", "sgr1_x", "a.b.c", String(forged), tokens.refresh] {
                #expect(try await server.introspect(token, as: "notes-api").bytes == Self.inactive)
            }
            // Another API's token, though genuine and alive.
            #expect(try await server.introspect(tokens.access, as: "other-api").bytes == Self.inactive)
            #expect(try await server.introspect(tokens.access, as: "worker").bytes == Self.inactive)

            _ = try await server.revoke(tokens.access)
            #expect(try await server.introspect(tokens.access, as: "notes-api").bytes == Self.inactive)

            let renewed = try await server.renew(tokens.refresh, key: Key.first).tokens()
            #expect(try await server.introspect(renewed.access, as: "notes-api").body["active"] == true)
            _ = try await server.revoke(renewed.refresh)
            let ended = try await server.introspect(renewed.access, as: "notes-api")
            #expect(ended.status == 200)
            #expect(ended.bytes == Self.inactive)
        }
    }

    @Test("a token is not active once it has expired")
    func expired() async throws {
        try await withAPIs { server, tokens in
            server.clock.advance(by: .seconds(305))

            let answer = try await server.introspect(tokens.access, as: "notes-api")

            #expect(answer.bytes == Self.inactive)
        }
    }

    @Test("a refresh token is active to its own client alone, marked so that no API takes it for an access token (INT-4)")
    func refreshToken() async throws {
        try await withAPIs { server, _ in
            try await server.addClient("app", secret: "app-secret")
            let first = try await server.signedIn(["client_id": "app", "client_secret": "app-secret"])

            let answer = try await server.introspect(first.refresh, as: "app")

            #expect(answer.body["active"] == true)
            #expect(answer.body["token_type"] == nil)
            #expect(answer["client_id"] == "app")
            #expect(answer["sid"] == first.session)
            #expect(try await server.introspect(first.refresh, as: "notes-api").bytes == Self.inactive)
            let proof = [("client_id", "app"), ("client_secret", "app-secret")]
            let next = try await server.renew(first.refresh, proof, key: Key.first).tokens()
            // Spent: it renews nothing but the very same rotation.
            #expect(try await server.introspect(first.refresh, as: "app").bytes == Self.inactive)
            #expect(try await server.introspect(next.refresh, as: "app").body["active"] == true)
            #expect(try await server.introspect(next.access, as: "app").body["active"] == true)
            _ = try await server.post("/oauth/revoke", form: [("token", next.refresh)] + proof)
            #expect(try await server.introspect(next.refresh, as: "app").bytes == Self.inactive)
        }
    }

    @Test("a client's own token is active until it expires, is revoked, or its client goes")
    func clientToken() async throws {
        try await withAPIs { server, _ in
            let token = try #require(try await server.clientToken(authorization: Worker.authorization)["access_token"])
            try await server.addClient(
                "jobs-api", isFirstParty: false, grants: [], resources: ["urn:jobs"], secret: "jobs-api-secret",
                isResourceServer: true)

            let answer = try await server.introspect(token, as: "jobs-api")
            #expect(answer.body["active"] == true)
            #expect(answer["sub"] == "worker")
            #expect(answer.body["username"] == nil)
            try await server.store.removeClient(#require(ClientID("worker")), by: .admin)
            #expect(try await server.introspect(token, as: "jobs-api").bytes == Self.inactive)
        }
    }

    private func withAPIs(_ body: @escaping @Sendable (TestServer, Tokens) async throws -> Void) async throws {
        try await TestServer.run { server in
            for name in ["notes", "other"] {
                try await server.addClient(
                    "\(name)-api", isFirstParty: false, grants: [], scope: .none, resources: ["urn:\(name)"],
                    secret: "\(name)-api-secret", isResourceServer: true)
            }
            try await server.addWorker()
            try await server.addClient("notes-app", resources: ["urn:notes"])
            try await body(server, try await server.signedIn(["client_id": "notes-app"]))
        }
    }
}

extension TestServer {
    /// What a client, whose secret is its name and `-secret`, is told of a token.
    fileprivate func introspect(_ token: String, as client: String) async throws -> Answer {
        try await post(
            "/oauth/introspect", form: [("token", token), ("client_id", client), ("client_secret", "\(client)-secret")])
    }
}
