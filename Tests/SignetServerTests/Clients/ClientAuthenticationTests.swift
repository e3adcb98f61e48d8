import Foundation
import HTTPTypes
import SignetSessions
import SignetTokens
import Testing

@Suite("Clients say who they are")
struct ClientAuthenticationTests {
    /// Vector V-8: what must be escaped before it is base64.
    private static let vector = "Basic YXBwJTNBMTpwJTJCdyUyRislMjUlQzMlQTk="

    @Test("by HTTP basic authentication, each half form-encoded first (CLI-1, V-8)")
    func basic() async throws {
        try await TestServer.run { server in
            try await server.addClient(
                "app:1", isFirstParty: false, grants: [.clientCredentials], scope: "notes", resources: ["urn:notes"],
                secret: "p+w/ %é")

            #expect(try await server.clientToken(authorization: Self.vector).status == 200)
            #expect(try await server.clientToken(authorization: "basic" + Self.vector.dropFirst(5)).status == 200)
            let plain = "Basic " + Data("app:1:p+w/ %é".utf8).base64EncodedString()
            for header in [
                plain, Self.vector + "=", "Basic", "Basic !", "Basic YXBw", "Bearer x", String(Self.vector.dropLast()),
            ] {
                let answer = try await server.clientToken(authorization: header)
                #expect(answer.verdict == "401 invalid_client", "\(header)")
                #expect(answer.challenge == "Basic realm=\"signet\"")
                #expect(answer.isWellFormedError)
            }
        }
    }

    @Test("by client_id and client_secret in the body, and never in the URL (CLI-2)")
    func post() async throws {
        try await TestServer.run { server in
            try await server.addWorker()

            #expect(
                try await server.clientToken(fields: [("client_id", "worker"), ("client_secret", Worker.secret)]).status == 200)
            let inURL = try await server.post(
                "/oauth/token?client_id=worker&client_secret=\(Worker.secret)", form: [("grant_type", "client_credentials")])
            #expect(inURL.verdict == "401 invalid_client")
        }
    }

    @Test("in one way only, and as one client (CLI-4)")
    func oneWay() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            let both = try await server.clientToken(
                fields: [("client_secret", Worker.secret)], authorization: Worker.authorization)
            let assertion = try await server.clientToken(
                fields: [("client_assertion", "e30.e30.")], authorization: Worker.authorization)
            let another = try await server.clientToken(fields: [("client_id", "signet")], authorization: Worker.authorization)
            let same = try await server.clientToken(fields: [("client_id", "worker")], authorization: Worker.authorization)
            let twice = HTTPFields([
                HTTPField(name: .authorization, value: Worker.authorization),
                HTTPField(name: .authorization, value: Worker.authorization),
            ])

            #expect(both.verdict == "400 invalid_request")
            #expect(assertion.verdict == "400 invalid_request")
            // A method that is not served.
            let alone = try await server.clientToken(fields: [("client_id", "worker"), ("client_assertion", "e30.e30.")])
            #expect(alone.verdict == "401 invalid_client")
            #expect(another.verdict == "401 invalid_client")
            #expect(same.status == 200)
            let doubled = try await server.post("/oauth/token", form: [("grant_type", "client_credentials")], twice)
            #expect(doubled.verdict == "400 invalid_request")
        }
    }

    @Test("an unknown client, a wrong secret, none, and a public client with one get the same answer (CLI-3, CLI-6)")
    func refuses() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            let attempts: [[(String, String)]] = [
                [("client_id", "worker"), ("client_secret", Worker.secret + "x")], [("client_id", "worker")],
                [("client_id", "nobody"), ("client_secret", Worker.secret)], [("client_secret", Worker.secret)], [],
                [("client_id", "signet"), ("client_secret", Worker.secret)], [("client_id", "signet")],
            ]

            let answers = try await attempts.asyncMap { try await server.clientToken(fields: $0) }

            #expect(Set(answers.map(\.bytes)).count == 1)
            for answer in answers { #expect(answer.verdict == "401 invalid_client") }
            // At every door where clients authenticate.
            let tokens = try await server.signedIn()
            let claim = [("client_id", "signet"), ("client_secret", "secret")]
            let renewal = try await server.renew(tokens.refresh, claim)
            #expect(renewal.status == 401)
            #expect(renewal.error == "invalid_client")
            #expect(
                try await server.post("/oauth/revoke", form: [("token", tokens.access)] + claim).verdict == "401 invalid_client")
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 200)
        }
    }

    @Test("the database holds a secret's hash alone, and a removed client's secret is worth nothing (CLI-5)")
    func keepsHashes() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            let id = try #require(ClientID("worker"))

            let hashes = try await server.store.secretHashes(of: id)
            #expect(hashes == [ClientSecretHash(of: Worker.secret.utf8)])
            try await server.store.removeClient(id, by: .admin)

            #expect(try await server.clientToken(authorization: Worker.authorization).verdict == "401 invalid_client")
        }
    }

    @Test("two secrets are good while one is being replaced (CLI-5)")
    func twoSecrets() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            let id = try #require(ClientID("worker"))
            try await server.store.addSecret(ClientSecretHash(of: "next-secret".utf8), to: id, by: .admin)

            for secret in [Worker.secret, "next-secret"] {
                #expect(try await server.clientToken(fields: [("client_id", "worker"), ("client_secret", secret)]).status == 200)
            }
            try await server.store.dropOlderSecret(of: id, by: .admin)

            for (secret, verdict) in [(Worker.secret, "401 invalid_client"), ("next-secret", "200")] {
                let answer = try await server.clientToken(fields: [("client_id", "worker"), ("client_secret", secret)])
                #expect(answer.verdict == verdict)
            }
        }
    }

    @Test("a confidential client renews and revokes with its secret, and not without (CLI-3, CLI-7)")
    func confidentialRenewal() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", secret: "app-secret")
            let tokens = try await server.signedIn(["client_id": "app", "client_secret": "app-secret"])
            let proof = [("client_id", "app"), ("client_secret", "app-secret")]

            for fields in [[], [("client_id", "app")], [("client_id", "app"), ("client_secret", "wrong")]] {
                let answer = try await server.renew(tokens.refresh, fields, key: Key.first)
                #expect(answer.status == 401)
                #expect(answer.error == "invalid_client")
                for token in [tokens.refresh, tokens.access] {
                    let revocation = try await server.post("/oauth/revoke", form: [("token", token)] + fields)
                    #expect(revocation.verdict == "401 invalid_client")
                }
            }
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 200)
            let renewed = try await server.renew(tokens.refresh, proof, key: Key.first)
            #expect(renewed.status == 200)
            let spent = try renewed.tokens()
            #expect(try await server.post("/oauth/revoke", form: [("token", spent.refresh)] + proof).status == 200)
            #expect(try await server.renew(spent.refresh, proof).verdict == "400 invalid_grant signed_out")
        }
    }

    @Test("a genuine token of a client that is gone is told that the session has ended, whatever it proves")
    func removedClient() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", secret: "app-secret")
            let tokens = try await server.signedIn(["client_id": "app", "client_secret": "app-secret"])
            try await server.store.removeClient(#require(ClientID("app")), by: .admin)

            for fields in [[], [("client_id", "app"), ("client_secret", "app-secret")]] {
                #expect(try await server.renew(tokens.refresh, fields).verdict == "400 invalid_grant client_removed")
            }
        }
    }
}

@Suite("A client's own token")
struct ClientCredentialsTests {
    @Test("names the client as its subject, has no session, no refresh token, and may not be stored")
    func issues() async throws {
        try await TestServer.run { server in
            try await server.addWorker()

            let answer = try await server.clientToken(authorization: Worker.authorization)

            #expect(answer.status == 200)
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer["token_type"] == "Bearer")
            #expect(answer.body["expires_in"] == 300)
            #expect(answer["scope"] == "jobs revocations:read")
            #expect(answer["refresh_token"] == nil)
            #expect(answer["session_id"] == nil)
            let claims = try answer.claims()
            #expect(claims["sub"] == "worker")
            #expect(claims["client_id"] == "worker")
            #expect(claims["sid"] == nil)
            #expect(claims["aud"] == "urn:jobs" || claims["aud"] == ["urn:jobs"])
        }
    }

    @Test("is for registered scopes and resources, and registered clients alone")
    func refuses() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            try await server.addClient("app", secret: "app-secret")
            try await server.addClient(
                "bare", isFirstParty: false, grants: [.clientCredentials], scope: "x", secret: "bare-secret")
            func ask(_ fields: [(String, String)]) async throws -> String {
                try await server.clientToken(fields: fields, authorization: Worker.authorization).verdict
            }

            #expect(try await ask([("scope", "jobs")]) == "200")
            #expect(try await ask([("scope", "jobs admin")]) == "400 invalid_scope")
            #expect(try await ask([("scope", "jobs  x")]) == "400 invalid_scope")
            #expect(try await ask([("resource", "urn:jobs"), ("resource", TestServer.issuer)]) == "200")
            #expect(try await ask([("resource", "urn:other")]) == "400 invalid_target")
            let app = try await server.clientToken(fields: [("client_id", "app"), ("client_secret", "app-secret")])
            #expect(app.verdict == "400 unauthorized_client")
            let bare = try await server.clientToken(fields: [("client_id", "bare"), ("client_secret", "bare-secret")])
            #expect(bare.verdict == "400 invalid_target")
        }
    }

    @Test("opens none of the doors that are for people")
    func isNoPerson() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            let answer = try await server.clientToken(
                fields: [("resource", TestServer.issuer)], authorization: Worker.authorization)
            let token = try #require(answer["access_token"])

            for path in ["/v1/account", "/v1/sessions"] { #expect(try await server.get(path, bearer: token).status == 401) }
        }
    }
}

/// A client that acts for itself.
enum Worker {
    static let secret = "worker-secret"
    static let authorization = "Basic " + Data("worker:\(secret)".utf8).base64EncodedString()
}

extension TestServer {
    /// Adds the ``Worker``.
    func addWorker() async throws {
        try await addClient(
            "worker", isFirstParty: false, grants: [.clientCredentials], scope: "jobs revocations:read", resources: ["urn:jobs"],
            secret: Worker.secret)
    }

    /// A request for a client's own token.
    func clientToken(fields: [(String, String)] = [], authorization: String? = nil) async throws -> Answer {
        try await post(
            "/oauth/token", form: [("grant_type", "client_credentials")] + fields,
            authorization.map { [.authorization: $0] } ?? [:])
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
