import HTTPTypes
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Giving tokens back, and signing devices out")
struct RevokingTests {
    @Test("a refresh token ends its session at once, and the answer is empty (REV-2, REV-7)")
    func revokesRefreshToken() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()

            let answer = try await server.post(
                "/oauth/revoke", form: [("token", tokens.refresh), ("token_type_hint", "nonsense")])

            #expect(answer.status == 200)
            #expect(answer.bytes == [])
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(try await server.renew(tokens.refresh).verdict == "400 invalid_grant signed_out")
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 401)
            #expect(try await server.revoke(tokens.refresh).status == 200)
        }
    }

    @Test("an older generation ends the session too (REV-4)")
    func revokesByOlderToken() async throws {
        try await TestServer.run { server in
            let first = try await server.signedIn().refresh
            let second = try await server.renew(first).tokens().refresh

            _ = try await server.post("/oauth/revoke", form: [("token", first), ("client_id", "signet")])

            #expect(try await server.renew(second).verdict == "400 invalid_grant signed_out")
        }
    }

    @Test("what is no token of ours is nothing to revoke (REV-2)", arguments: ["x", "sgr1_x", "a.b.c"])
    func ignoresRubbish(token: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.revoke(token)

            #expect(answer.status == 200)
        }
    }

    @Test("a token of another client is refused, and lives on (REV-3)")
    func refusesOtherClients() async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh

            let answer = try await server.post("/oauth/revoke", form: [("token", refresh), ("client_id", "signet-cli")])

            #expect(answer.verdict == "400 invalid_grant")
            #expect(try await server.renew(refresh).status == 200)
        }
    }

    @Test("an access token ends itself alone, at once, and its session lives on (REV-5, REV-7)")
    func revokesAccessToken() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            let sibling = try await server.renew(tokens.refresh, key: Key.first).tokens()

            let answer = try await server.post(
                "/oauth/revoke", form: [("token", tokens.access), ("token_type_hint", "refresh_token"), ("callback", "alert")])

            #expect(answer.status == 200)
            #expect(answer.bytes == [])
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 401)
            #expect(try await server.get("/v1/verify", bearer: tokens.access).status == 401)
            #expect(try await server.revoke(tokens.access).status == 200)
            #expect(try await server.get("/v1/account", bearer: sibling.access).status == 200)
            #expect(try await server.renew(sibling.refresh, key: Key.second).status == 200)
        }
    }

    @Test("an access token that has expired is nothing to revoke (REV-5)")
    func ignoresExpiredAccessTokens() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            server.clock.advance(by: .seconds(300))

            #expect(try await server.revoke(tokens.access).status == 200)

            #expect(try await server.store.revocations(after: nil, limit: 10).entries.isEmpty)
        }
    }

    @Test("another client's access token is refused, and lives on (REV-3)")
    func refusesOthersAccessTokens() async throws {
        try await TestServer.run { server in
            let access = try await server.signedIn().access

            let answer = try await server.post("/oauth/revoke", form: [("token", access), ("client_id", "signet-cli")])

            #expect(answer.verdict == "400 invalid_grant")
            #expect(try await server.get("/v1/account", bearer: access).status == 200)
        }
    }

    @Test("a person signs this device out, or another one, and never somebody else's (SES-2)")
    func signsDevicesOut() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("bob", to: server.signet)
            let phone = try await server.signedIn()
            let laptop = try await server.signedIn()
            let bob = try await server.signedIn(["username": "bob"])

            for id in [bob.session, "018bcfe5-6800-7000-8000-000000000000", "nonsense", "%00", bob.session.dropLast() + "%20"] {
                let answer = try await server.delete("/v1/sessions/\(id)", bearer: phone.access)
                #expect(answer.status == 404)
                #expect(answer["detail"] == "There is no such session.")
            }
            #expect(try await server.delete("/v1/sessions/\(laptop.session)", bearer: phone.access).status == 204)
            #expect(try await server.delete("/v1/sessions/\(laptop.session)", bearer: phone.access).status == 204)
            #expect(try await server.delete("/v1/sessions/\(phone.session)", bearer: phone.access).status == 204)

            #expect(try await server.renew(laptop.refresh).verdict == "400 invalid_grant revoked_by_user")
            #expect(try await server.renew(phone.refresh).verdict == "400 invalid_grant signed_out")
            #expect(try await server.delete("/v1/sessions/\(phone.session)", bearer: phone.access).status == 401)
            #expect(try await server.renew(bob.refresh).status == 200)
        }
    }

    @Test("the others, or all, are ended in one step (SES-3)")
    func signsManyOut() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("bob", to: server.signet)
            let bob = try await server.signedIn(["username": "bob"])
            let kept = try await server.signedIn()
            let others = [try await server.signedIn(), try await server.signedIn()]

            #expect(try await server.delete("/v1/sessions?keep=current", bearer: kept.access).status == 204)
            for other in others { #expect(try await server.get("/v1/account", bearer: other.access).status == 401) }
            #expect(try await server.get("/v1/account", bearer: kept.access).status == 200)
            let another = try await server.signedIn()
            #expect(try await server.delete("/v1/sessions?all=true", bearer: kept.access).status == 204)
            #expect(try await server.renew(kept.refresh).verdict == "400 invalid_grant signed_out")
            #expect(try await server.renew(another.refresh).verdict == "400 invalid_grant revoked_by_user")
            #expect(try await server.get("/v1/account", bearer: kept.access).status == 401)
            #expect(try await server.get("/v1/account", bearer: bob.access).status == 200)
        }
    }

    @Test(
        "without saying which, none is ended",
        arguments: ["", "?all=false", "?all=1", "?keep=others", "?keep=current&all=true", "?ALL=true", "?all=true;"]
    )
    func asksWhich(query: String) async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()

            let answer = try await server.delete("/v1/sessions\(query)", bearer: tokens.access)

            #expect(answer.status == 400)
            #expect(answer["code"] == "invalid_request")
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 200)
        }
    }

    @Test("each revocation is an audit entry with its reason and where it came from")
    func audits() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            _ = try await server.delete("/v1/sessions/\(tokens.session)", bearer: tokens.access)

            let audited = try #require(await server.store.auditEntries(limit: 1).first?.entry)

            #expect(audited.event == .sessionRevoked)
            #expect(audited.reason == "signed_out")
            #expect(audited.actor == .user)
            #expect(audited.sessionID?.description == tokens.session)
            #expect(audited.origin.address == InMemoryContext.address)
            #expect(audited.origin.requestID != nil)
        }
    }
}
