import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("As many devices as the client's policy allows (SES-1)")
struct SessionLimitAnswersTests {
    @Test("one more signs the least recently used one out: its tokens are good for nothing at once")
    func evicts() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", policy: ClientPolicy(sessionLimit: SessionLimit("2")))
            let old = try await server.signedIn(["client_id": "app"])
            server.clock.advance(by: .seconds(1))
            let used = try await server.signedIn(["client_id": "app"])

            let new = try await server.signedIn(["client_id": "app"])

            #expect(try await server.renew(old.refresh).verdict == "400 invalid_grant evicted")
            #expect(try await server.get("/v1/account", bearer: old.access).status == 401)
            for tokens in [used, new] { #expect(try await server.get("/v1/account", bearer: tokens.access).status == 200) }
        }
    }

    @Test("a limit that refuses says so to whoever knows the password, and what to do")
    func refuses() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", policy: ClientPolicy(sessionLimit: SessionLimit("1:refuse")))
            let only = try await server.signedIn(["client_id": "app"])

            let answer = try await server.signIn(["client_id": "app"])

            #expect(answer.status == 409)
            #expect(answer["code"] == "too_many_sessions")
            #expect(
                answer["detail"]
                    == "You are signed in on as many devices as this app allows (1); sign out on one of them, then try again.")
            #expect(answer.isWellFormedError)
            // Strangers do not learn how many there are.
            let stranger = try await server.signIn(["client_id": "app", "password": .string(TestServer.wrongPassword)])
            #expect(stranger.status == 401)
            #expect(stranger["code"] == "wrong_credentials")

            // The same device signs in again, or makes room.
            let again = try await server.signedIn(["client_id": "app", "refresh_token": .string(only.refresh)])
            #expect(try await server.revoke(again.refresh).status == 200)
            #expect(try await server.signIn(["client_id": "app"]).status == 201)
        }
    }
}
