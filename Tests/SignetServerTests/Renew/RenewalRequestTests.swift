import HTTPTypes
import SignetServer
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("What is sent along with a renewal")
struct RenewalRequestTests {
    @Test("user_id and the expired access token may come along, and must be the session's (REF-6)")
    func takesProofs() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            server.clock.advance(by: .seconds(86_400))

            let answer = try await server.renew(
                tokens.refresh,
                [("user_id", server.ada.description.uppercased()), ("access_token", tokens.access), ("client_id", "signet")])

            #expect(answer.status == 200)
        }
    }

    @Test(
        "what does not match is refused and audited, and the session lives on",
        arguments: ["user_id", "no user_id", "access_token", "forged"])
    func refusesMismatches(what: String) async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            let other = try await server.signedIn()
            let field =
                switch what {
                case "user_id": ("user_id", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
                case "no user_id": ("user_id", "ada")
                case "access_token": ("access_token", other.access)
                default: ("access_token", String(tokens.access.dropLast(4)) + "AAAA")
                }

            let answer = try await server.renew(tokens.refresh, [field])

            #expect(answer.verdict == "400 invalid_grant mismatch")
            let audited = try await server.store.auditEntries(limit: 1)
            #expect(audited.first?.entry.event == .renewalMismatched)
            #expect(try await server.renew(tokens.refresh).status == 200)
        }
    }

    @Test("another client's name is refused without a reason (REF-2)")
    func refusesOtherClients() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()

            #expect(try await server.renew(tokens.refresh, [("client_id", "signet-cli")]).verdict == "400 invalid_grant")
            #expect(try await server.renew(tokens.refresh, [("client_id", "nobody")]).verdict == "400 invalid_grant")
            #expect(try await server.renew(tokens.refresh, [("client_id", "two words")]).verdict == "400 invalid_request")
            #expect(try await server.renew(tokens.refresh, [("client_id", "signet")]).status == 200)
        }
    }

    @Test("a public client's secret is invalid_client, with the challenge of the scheme that it may have tried (TOK-4)")
    func refusesClientSecrets() async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)]

            for answer in [
                try await server.renew(refresh, [("client_secret", "x")]),
                try await server.renew(refresh, [("client_assertion", "x")]),
                try await server.post("/oauth/token", form: form, [.authorization: "Basic c2lnbmV0Og=="]),
                try await server.post("/oauth/revoke", form: [("token", refresh), ("client_assertion", "x")]),
                try await server.post("/oauth/revoke", form: [("token", refresh)], [.authorization: "Basic c2lnbmV0Og=="]),
            ] {
                #expect(answer.verdict == "401 invalid_client")
                #expect(answer.challenge == #"Basic realm="signet""#)
            }
            #expect(try await server.renew(refresh).status == 200)
        }
    }

    @Test("an access token under a key that nobody knows counts as none, and is audited")
    func auditsUnknownKeys() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            let foreign = #"{"alg":"ES256","kid":"nobody","typ":"at+jwt"}"#
            let token = Base64URL.string(Array(foreign.utf8)) + tokens.access.drop { $0 != "." }

            let answer = try await server.renew(tokens.refresh, [("access_token", token)])

            #expect(answer.status == 200)
            let audited = try await server.store.auditEntries(limit: 1)
            #expect(audited.first?.entry.event == .accessTokenUnderUnknownKey)
        }
    }

    @Test("the idempotency key is the same bare, quoted, and in the form (IDK-1)")
    func readsKeysAlike() async throws {
        try await TestServer.run { server in
            let first = try await server.signedIn().refresh
            let renewed = try await server.renew(first, key: Key.first).tokens().refresh

            for answer in [
                try await server.renew(first, key: "\"\(Key.first)\""),
                try await server.renew(first, [("idempotency_key", Key.first)]),
                try await server.renew(first, [("idempotency_key", "\"\(Key.first)\"")], key: Key.first),
            ] {
                #expect(try answer.tokens().refresh == renewed)
            }
        }
    }

    @Test(
        "anything else is no idempotency key: invalid_request, and nothing is decided",
        arguments: [
            ["short"], [String(repeating: "k", count: 21)], [String(repeating: "k", count: 65)], ["\"8e03978e-40d5-43e8-bc93"],
            ["8e03978e-40d5-43e8-bc93-6894a57f93\u{E9}"], ["8e03978e+40d5+43e8+bc93+6894a57f9324"], [""],
            [Key.first, Key.first], [Key.first, Key.second],
        ]
    )
    func refusesMalformedKeys(values: [String]) async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh
            var headers: HTTPFields = [:]
            for value in values { headers.append(HTTPField(name: .idempotencyKey, value: value)) }
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)]

            let answer = try await server.post("/oauth/token", form: form, headers)

            #expect(answer.verdict == "400 invalid_request")
            let renewed = try await server.renew(refresh, key: Key.first).tokens().refresh
            #expect(try await server.renew(renewed, key: Key.second).status == 200)
        }
    }

    @Test("a header and a field that differ are refused")
    func refusesDifferentKeys() async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh

            let answer = try await server.renew(refresh, [("idempotency_key", Key.second)], key: Key.first)

            #expect(answer.verdict == "400 invalid_request")
        }
    }

    @Test("scope and resource may be narrower for one access token; the grant stays whole (REF-1)")
    func narrows() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("grace", roles: ["admin"], to: server.signet)
            try await server.addClient(
                "app", scope: "account admin notes", resources: ["https://a.example.com", "https://b.example.com"])
            var refresh = try await server.signedIn(["username": "grace", "client_id": "app"]).refresh

            let narrowed = try await server.renew(
                refresh,
                [("scope", "notes"), ("resource", "https://b.example.com"), ("resource", "https://b.example.com")], key: Key.first
            )
            #expect(narrowed["scope"] == "notes")
            #expect(try narrowed.claims()["scope"] == "notes")
            #expect(try narrowed.claims()["aud"] == ["https://b.example.com", "https://id.example.com"])

            refresh = try narrowed.tokens().refresh
            for (field, verdict) in [
                (("scope", "notes payments"), "400 invalid_scope mismatch"), (("scope", "a\"b"), "400 invalid_scope"),
                (("resource", "https://c.example.com"), "400 invalid_target mismatch"),
            ] {
                #expect(try await server.renew(refresh, [field], key: Key.second).verdict == verdict)
            }
            #expect(try await server.renew(refresh, key: Key.second)["scope"] == "account admin notes")
        }
    }

    @Test(
        "other grants are not served (TOK-1)",
        arguments: [
            ("password", "unsupported_grant_type"), ("authorization_code", "unsupported_grant_type"),
            ("Client_credentials", "unsupported_grant_type"), ("Refresh_Token", "unsupported_grant_type"),
            ("refresh_token ", "unsupported_grant_type"), ("implicit", "unsupported_grant_type"), ("", "invalid_request"),
        ]
    )
    func refusesGrants(grant: String, code: String) async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh

            let answer = try await server.post("/oauth/token", form: [("grant_type", grant), ("refresh_token", refresh)])

            #expect(answer.verdict == "400 \(code)")
        }
    }

    @Test("grant_type and refresh_token are required")
    func requiresParameters() async throws {
        try await TestServer.run { server in
            let noGrant = try await server.post("/oauth/token", form: [("refresh_token", "x")])
            let noToken = try await server.post("/oauth/token", form: [("grant_type", "refresh_token")])

            #expect(noGrant["error_description"] == "The parameter grant_type is missing.")
            #expect(noToken["error_description"] == "The parameter refresh_token is missing.")
        }
    }
}
