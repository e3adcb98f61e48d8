import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import SignetServer
import SignetSessions
import SignetTokens
import Testing

@testable import SignetServer

@Suite("When something of ours fails")
struct FaultTests {
    @Test(
        "with the database away each door answers 503 with Retry-After, never invalid_grant, and afterwards nothing is lost (TOK-5)"
    )
    func survivesDatabase() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            try await server.alter("ALTER TABLE sessions RENAME TO away; ALTER TABLE server RENAME TO server_away")

            let answers = [
                try await server.renew(tokens.refresh), try await server.renew(tokens.refresh, key: Key.first),
                try await server.signIn(), try await server.get("/v1/account", bearer: tokens.access),
                try await server.get("/v1/verify", bearer: tokens.access),
                try await server.get("/v1/sessions", bearer: tokens.access),
                try await server.delete("/v1/sessions?all=true", bearer: tokens.access),
                try await server.revoke(tokens.refresh),
            ]
            let ready = try await server.get("/health/ready")
            let live = try await server.get("/health/live")
            try await server.alter("ALTER TABLE away RENAME TO sessions; ALTER TABLE server_away RENAME TO server")

            for answer in answers {
                #expect(answer.status == 503)
                #expect(answer.error ?? answer["code"] == "temporarily_unavailable")
                #expect(answer.retryAfter == "1")
                #expect(answer.isWellFormedError)
            }
            #expect(ready.status == 503)
            #expect(ready.retryAfter == "1")
            #expect(live.status == 200)
            #expect(!server.errors.isEmpty)
            #expect(try await server.get("/health/ready").status == 200)
            #expect(try await server.renew(tokens.refresh).status == 200)
        }
    }

    @Test("a database that was damaged under the server's hands answers 503")
    func survivesDamage() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            try await server.alter(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1000000 WHERE name = 'sessions'; "
                    + "PRAGMA writable_schema = OFF; CREATE TABLE noticed (x)")

            for answer in [try await server.renew(tokens.refresh), try await server.get("/v1/account", bearer: tokens.access)] {
                #expect(answer.status == 503)
                #expect(answer.isWellFormedError)
            }
        }
    }

    @Test("what fails is logged by its kind alone, as an error")
    func logsKinds() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            try await server.alter("ALTER TABLE sessions RENAME TO away")

            _ = try await server.renew(tokens.refresh)

            let lines = server.errors
            #expect(lines.count == 1)
            #expect(lines.first?.contains("error.type") == true)
            #expect(lines.first?.contains("SELECT") == false)
        }
    }

    @Test("when too many passwords wait, every sign-in gets 503 with Retry-After alike, and renewals and calls go on (PWD-3)")
    func shedsSignIns() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = { configuration in
            configuration.passwordThreads = 1
            configuration.passwordQueue = 1
        }
        try await TestServer.run(configure: configure) { server in
            let tokens = try await server.signedIn()
            let gate = DispatchSemaphore(value: 0)
            let blocked = server.signet.threads.runIfActive(eventLoop: MultiThreadedEventLoopGroup.singleton.any()) {
                gate.wait()
            }
            async let waiting = server.signIn()
            while server.signet.passwords.waiting < 1 { await Task.yield() }

            for attempt in [[:], ["username": "nobody"], ["password": .string(TestServer.wrongPassword)]] as [[String: JSONValue]]
            {
                let answer = try await server.signIn(attempt)
                #expect(answer.status == 503)
                #expect(answer.retryAfter == "1")
                #expect(answer["code"] == "temporarily_unavailable")
            }
            let renewed = try await server.renew(tokens.refresh).tokens()
            #expect(try await server.get("/v1/account", bearer: renewed.access).status == 200)

            gate.signal()
            try await blocked.get()
            #expect(try await waiting.status == 201)
            #expect(server.errors.isEmpty)
        }
    }

    @Test("a request whose time is over decides nothing")
    func keepsDeadlines() async throws {
        try await TestServer.run(configure: { $0.requestPatience = .zero }) { server in
            #expect(try await server.signIn().status == 503)
            #expect(try await server.get("/health/ready").status == 200)
            let opened = try await server.store.auditEntries(limit: 10).contains { $0.entry.event == .sessionOpened }
            #expect(!opened)
        }
    }

    @Test("a request whose connection is gone decides nothing: a reuse is no reuse, a renewal no renewal")
    func hearsHangUps() async throws {
        // This context asks its connection, and a connection in memory was never open.
        try await TestServer.run { server in
            let first = try await server.signedIn().refresh
            let second = try await server.renew(first, key: Key.first).tokens().refresh
            let router = Serve.router(for: server.signet, context: SignetRequestContext.self)
            let gone = DirectClient(router.buildResponder(), log: server.log)

            for token in [first, second] {
                let body = Form.encode([("grant_type", "refresh_token"), ("refresh_token", token)])
                let head = HTTPRequest(
                    method: .post, scheme: nil, authority: nil, path: "/oauth/token",
                    headerFields: [.contentType: "application/x-www-form-urlencoded"])
                #expect(try await gone.send(head, body).verdict == "503 temporarily_unavailable")
            }

            #expect(try await server.renew(first, key: Key.first).tokens().refresh == second)
            #expect(try await server.renew(second, key: Key.second).status == 200)
        }
    }
}
