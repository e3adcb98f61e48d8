import HTTPTypes
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Forward authentication at GET /v1/verify")
struct VerifyTests {
    @Test("says who calls, in headers alone")
    func saysWhoCalls() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()

            let answer = try await server.get("/v1/verify", bearer: tokens.access)

            #expect(answer.status == 200)
            #expect(answer.bytes == [])
            #expect(answer.headers[.signetUser] == server.ada.description)
            #expect(answer.headers[.signetSession] == tokens.session)
            #expect(answer.headers[.signetClient] == "signet")
            #expect(answer.headers[.signetScope] == "account")
            #expect(answer.headers[.cacheControl] == "no-store")
        }
    }

    @Test("answers 200, 401 and 403 only (BEA-9)")
    func knowsThreeAnswers() async throws {
        try await TestServer.run { server in
            let token = try await server.signedIn().access

            #expect(try await server.get("/v1/verify?scope=account", bearer: token).status == 200)
            #expect(try await server.get("/v1/verify?scope=admin", bearer: token).status == 403)
            #expect(try await server.get("/v1/verify?scope=account+admin", bearer: token).status == 403)
            #expect(try await server.get("/v1/verify?scope=account%20%20admin", bearer: token).status == 403)
            #expect(try await server.get("/v1/verify").status == 401)
            #expect(try await server.get("/v1/verify", bearer: "a b").status == 401)
        }
    }

    @Test("stands before the API that it is told, and before no other")
    func checksResource() async throws {
        try await TestServer.run { server in
            try await server.addClient("notes", resources: ["https://notes.example.com"])
            let token = try await server.signedIn(["client_id": "notes"]).access
            let own = try await server.signedIn().access

            #expect(try await server.get("/v1/verify?resource=https://notes.example.com", bearer: token).status == 200)
            #expect(try await server.get("/v1/verify?resource=https%3A%2F%2Fnotes.example.com", bearer: token).status == 200)
            #expect(try await server.get("/v1/verify?resource=https://notes.example.com", bearer: own).status == 401)
            #expect(try await server.get("/v1/verify?resource=https://notes.example.com/", bearer: token).status == 401)
        }
    }

    @Test("sees a revocation at once (REV-7)")
    func seesRevocations() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            _ = try await server.revoke(tokens.refresh)

            let answer = try await server.get("/v1/verify", bearer: tokens.access)

            #expect(answer.status == 401)
            #expect(answer.challenge?.contains(#"error="invalid_token""#) == true)
        }
    }

    @Test("a service that calls for itself is no user: its client and scope alone are said, until the token is revoked")
    func knowsServices() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            let token = try #require(try await server.clientToken(authorization: Worker.authorization)["access_token"])
            func ask(_ query: String = "resource=urn:jobs") async throws -> Answer {
                try await server.get("/v1/verify?\(query)", bearer: token)
            }

            let answer = try await ask()
            #expect(answer.status == 200)
            #expect(answer.headers[.signetClient] == "worker")
            #expect(answer.headers[.signetScope] == "jobs revocations:read")
            #expect(answer.headers[.signetUser] == nil)
            #expect(answer.headers[.signetSession] == nil)
            #expect(try await ask("resource=urn:jobs&scope=jobs").status == 200)
            #expect(try await ask("resource=urn:jobs&scope=admin").status == 403)
            #expect(try await ask("resource=urn:other").status == 401)
            #expect(try await ask("").status == 401)

            _ = try await server.post("/oauth/revoke", form: [("token", token)], [.authorization: Worker.authorization])
            #expect(try await ask().status == 401)
        }
    }

    @Test("a service is refused at once when its client is removed, and when its token has expired")
    func refusesServices() async throws {
        try await TestServer.run { server in
            try await server.addWorker()
            try await server.addClient(
                "other", isFirstParty: false, grants: [.clientCredentials], scope: "jobs", resources: ["urn:jobs"],
                secret: "other-secret")
            let token = try #require(try await server.clientToken(authorization: Worker.authorization)["access_token"])
            let other = try #require(
                try await server.clientToken(fields: [("client_id", "other"), ("client_secret", "other-secret")])["access_token"])
            func ask(_ token: String) async throws -> Int {
                try await server.get("/v1/verify?resource=urn:jobs", bearer: token).status
            }
            #expect(try await ask(token) == 200)

            try await server.store.removeClient(#require(ClientID("worker")), by: .admin)

            #expect(try await ask(token) == 401)
            #expect(try await ask(other) == 200)
            server.clock.advance(by: .seconds(305))
            #expect(try await ask(other) == 401)
        }
    }
}
