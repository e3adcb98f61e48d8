import HTTPTypes
import SignetServer
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Renewing over HTTP: every line of the decision table")
struct RenewalDecisionTests {
    private static let ended = "The session has ended; sign in again."

    @Test("a renewal rotates, and answers with every member and the headers that keep caches away")
    func rotates() async throws {
        try await TestServer.run { server in
            let first = try await server.signedIn()
            server.clock.advance(by: .seconds(400))

            let answer = try await server.renew(first.refresh)

            #expect(answer.status == 200)
            #expect(answer["token_type"] == "Bearer")
            #expect(answer.body["expires_in"] == 300)
            #expect(answer.body["refresh_token_expires_in"] == .integer(30 * 86_400))
            #expect(answer["scope"] == "account")
            #expect(answer["user_id"] == server.ada.description)
            #expect(answer["session_id"] == first.session)
            #expect(answer["refresh_token"] != first.refresh)
            #expect(try answer.claims()["iat"] == 1_700_000_400)
            #expect(try answer.claims()["auth_time"] == 1_700_000_000)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.pragma] == "no-cache")
        }
    }

    @Test("a token that is not ours is refused without a reason, and without the database")
    func refusesForgeries() async throws {
        try await TestServer.run { server in
            let genuine = try await server.signedIn().refresh
            try await server.alter("ALTER TABLE sessions RENAME TO away")
            let changed = genuine.dropLast(10) + (genuine.contains("AAAAAAAAAA") ? "BBBBBBBBBB" : "AAAAAAAAAA")
            let forgeries = [
                "rubbish", "sgr1_", String(changed), genuine + "=", genuine + "A", String(genuine.dropLast()), " " + genuine,
                genuine.replacing("sgr1_", with: "sgr2_"), genuine.replacing("sgr1_", with: "SGR1_"),
            ]

            for forgery in forgeries {
                let answer = try await server.renew(forgery)

                #expect(answer.verdict == "400 invalid_grant")
                #expect(answer["error_description"] == Self.ended)
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[.pragma] == "no-cache")
            }
            try await server.alter("ALTER TABLE away RENAME TO sessions")
            #expect(try await server.renew(genuine).status == 200)
        }
    }

    @Test("a key version that nobody knows is refused, but only after the keys could be read anew")
    func reloadsKeys() async throws {
        try await TestServer.run { server in
            let genuine = try await server.signedIn().refresh
            // The first byte after the prefix is the version of the key.
            let unknown = "sgr1_" + "_" + genuine.dropFirst(6)
            server.clock.advance(by: .seconds(2))

            #expect(try await server.renew(unknown).verdict == "400 invalid_grant")

            server.clock.advance(by: .seconds(2))
            try await server.alter("ALTER TABLE refresh_keys RENAME TO away")
            #expect(try await server.renew(unknown).verdict == "503 temporarily_unavailable")
        }
    }

    @Test(
        "a session that has ended is refused with its reason, and with one sentence for all",
        arguments: ["signed_out", "revoked_by_user", "revoked_by_admin", "user_disabled", "password_changed", "unknown"]
    )
    func refusesEnded(reason: String) async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            let store = server.store
            switch reason {
            case "signed_out": _ = try await server.delete("/v1/sessions/\(tokens.session)", bearer: tokens.access)
            case "revoked_by_user":
                _ = try await server.delete("/v1/sessions?keep=current", bearer: server.signedIn().access)
            case "revoked_by_admin":
                _ = try await store.revokeSessions(
                    UserRevocation(userID: server.ada, ending: .revokedByAdmin, actor: .admin))
            case "user_disabled": try await store.setDisabled(true, user: server.ada, by: .admin)
            case "password_changed":
                let hash = try await server.signet.passwords.hash(#require(Password(offered: Secret(TestServer.newPassword))))
                try await store.setPassword(hash, of: server.ada, keeping: nil, by: .admin)
            default: try await server.alter("DELETE FROM sessions")
            }

            let answer = try await server.renew(tokens.refresh)

            #expect(answer.verdict == "400 invalid_grant \(reason)")
            #expect(answer["error_description"] == Self.ended)
        }
    }

    @Test("a session lives for exactly its idle lifetime, which renewals push on, and its absolute lifetime, which they do not")
    func enforcesLifetimes() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = { configuration in
            configuration.idleLifetime = .seconds(1000)
            configuration.absoluteLifetime = .seconds(2500)
        }
        try await TestServer.run(configure: configure) { server in
            let idle = try await server.signedIn().refresh
            var active = try await server.signedIn().refresh
            for _ in 0..<2 {
                server.clock.advance(by: .milliseconds(999_999))
                active = try await server.renew(active).tokens().refresh
            }
            server.clock.advance(by: .milliseconds(500_001))
            let last = try await server.renew(active)

            #expect(try await server.renew(idle).verdict == "400 invalid_grant idle_expired")
            #expect(last.body["refresh_token_expires_in"] == 0)
            server.clock.advance(by: .milliseconds(1))
            #expect(try await server.renew(last.tokens().refresh).verdict == "400 invalid_grant expired")
        }
    }

    @Test("a client that was removed is remembered: its genuine token gets invalid_grant, not invalid_client")
    func remembersRemovedClients() async throws {
        try await TestServer.run { server in
            try await server.addClient("app")
            let tokens = try await server.signedIn(["client_id": "app"])
            try await server.store.removeClient(#require(ClientID("app")), by: .admin)

            let answer = try await server.renew(tokens.refresh, [("client_id", "app")])

            #expect(answer.verdict == "400 invalid_grant client_removed")
        }
    }

    @Test("a token newer than the database waits for the operator")
    func waitsWhenAhead() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            try await server.alter("CREATE TABLE backup AS SELECT * FROM sessions")
            let newer = try await server.renew(tokens.refresh, key: Key.first).tokens()
            try await server.alter("DELETE FROM sessions; INSERT INTO sessions SELECT * FROM backup")

            let answer = try await server.renew(newer.refresh)

            #expect(answer.verdict == "503 temporarily_unavailable ahead")
            #expect(answer.retryAfter == "30")
            #expect(answer.headers[.cacheControl] == "no-store")
            let audited = try await server.store.auditEntries(limit: 1)
            #expect(audited.first?.entry.event == .renewalAhead)
        }
    }

    @Test("a client without rotation keeps its refresh token")
    func keepsTokenWithoutRotation() async throws {
        try await TestServer.run { server in
            try await server.addClient("steady", policy: ClientPolicy(rotates: false))
            let tokens = try await server.signedIn(["client_id": "steady"])

            let answer = try await server.renew(tokens.refresh, key: Key.first)

            #expect(try answer.tokens().refresh == tokens.refresh)
            #expect(try answer.tokens().access != tokens.access)
        }
    }

    @Test("keyless renewals inside the window of a keyless rotation keep the token, and after it rotate again")
    func keepsTokenInsideWindow() async throws {
        try await TestServer.run { server in
            let second = try await server.renew(server.signedIn().refresh).tokens().refresh

            server.clock.advance(by: .milliseconds(59_999))
            #expect(try await server.renew(second).tokens().refresh == second)
            server.clock.advance(by: .milliseconds(1))
            #expect(try await server.renew(second).tokens().refresh != second)
        }
    }

    @Test("a repeat with the key of the rotation gets the same successor, however late, and a fresh access token")
    func repeatsByKey() async throws {
        try await TestServer.run { server in
            let first = try await server.signedIn().refresh
            let renewed = try await server.renew(first, key: Key.first).tokens()
            server.clock.advance(by: .seconds(29 * 86_400))

            let again = try await server.renew(first, key: Key.first)

            #expect(try again.tokens().refresh == renewed.refresh)
            #expect(try again.claims()["iat"] == .integer(1_700_000_000 + 29 * 86_400))
        }
    }

    @Test("a keyless repeat inside the window gets the same successor, and at its end is reuse")
    func repeatsInsideWindow() async throws {
        try await TestServer.run { server in
            let first = try await server.signedIn().refresh
            let renewed = try await server.renew(first).tokens().refresh

            server.clock.advance(by: .milliseconds(59_999))
            #expect(try await server.renew(first).tokens().refresh == renewed)
            server.clock.advance(by: .milliseconds(1))
            #expect(try await server.renew(first).verdict == "400 invalid_grant reused")
            #expect(try await server.renew(renewed).verdict == "400 invalid_grant reused")
        }
    }

    @Test(
        "the loser of a race is told to come again, and nothing is revoked",
        arguments: [(nil, Key.first), (Key.first, nil), (Key.first, Key.second)] as [(String?, String?)]
    )
    func losersComeAgain(winner: String?, loser: String?) async throws {
        try await TestServer.run { server in
            let first = try await server.signedIn().refresh
            let renewed = try await server.renew(first, key: winner).tokens().refresh

            let answer = try await server.renew(first, key: loser)

            #expect(answer.verdict == "503 temporarily_unavailable raced")
            #expect(answer.retryAfter == "1")
            #expect(answer.body["refresh_token"] == nil)
            #expect(try await server.renew(renewed, key: Key.second).status == 200)
        }
    }

    @Test("a spent token is reuse: its session ends for good, is audited, and others live on")
    func revokesOnReuse() async throws {
        try await TestServer.run { server in
            let stolen = try await server.signedIn().refresh
            let other = try await server.signedIn().refresh
            let second = try await server.renew(stolen, key: Key.first).tokens()
            server.clock.advance(by: .seconds(3600))
            let third = try await server.renew(second.refresh, key: Key.second).tokens()

            #expect(try await server.renew(stolen, key: Key.first).verdict == "400 invalid_grant reused")

            #expect(try await server.renew(third.refresh).verdict == "400 invalid_grant reused")
            #expect(try await server.get("/v1/account", bearer: third.access).status == 401)
            #expect(try await server.renew(other).status == 200)
            let audited = try await server.store.auditEntries(limit: 10)
            #expect(audited.contains { $0.entry.event == .sessionRevoked && $0.entry.reason == "reused" })
        }
    }

    @Test("a second value of the present generation is reuse")
    func revokesForks() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            try await server.alter("UPDATE sessions SET current_hash = zeroblob(32)")

            #expect(try await server.renew(tokens.refresh).verdict == "400 invalid_grant reused")
        }
    }

    @Test("the key of the last rotation does not do for the next token, and nothing is revoked")
    func refusesStaleKeys() async throws {
        try await TestServer.run { server in
            let second = try await server.renew(server.signedIn().refresh, key: Key.first).tokens().refresh

            #expect(try await server.renew(second, key: Key.first).verdict == "400 invalid_request stale_idempotency_key")
            #expect(try await server.renew(second, key: Key.second).status == 200)
        }
    }
}
