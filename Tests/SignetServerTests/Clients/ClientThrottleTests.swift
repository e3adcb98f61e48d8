import Foundation
import HTTPTypes
import SignetServer
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Guessing at client secrets is slowed down (CLI-6)")
struct ClientThrottleTests {
    private static let stranger = "198.51.100.66"
    private static let home = "203.0.113.9"

    @Test("from the tenth failure on the next try has to wait, each time longer, and is told how long (TOK-6, RLM-1)")
    func slowsDown() async throws {
        try await run { server in
            for _ in 0..<10 { #expect(try await server.guess().verdict == "401 invalid_client") }

            var waits: [String?] = []
            for wait in [1, 2, 4] {
                let throttled = try await server.guess()
                #expect(throttled.verdict == "429 too_many_requests client_authentication_failures")
                #expect(throttled.isWellFormedError)
                waits.append(throttled.retryAfter)
                server.clock.advance(by: .seconds(wait) - .milliseconds(1))
                #expect(try await server.guess().status == 429)
                server.clock.advance(by: .milliseconds(1))
                #expect(try await server.guess().status == 401)
            }

            #expect(waits == ["1", "2", "4"])
        }
    }

    @Test("while it waits, a right secret is not told from a wrong one; afterwards it is let through")
    func waitsForAll() async throws {
        try await run { server in
            for _ in 0..<11 { _ = try await server.guess() }

            #expect(try await server.guess(Worker.secret).bytes == server.guess("wrong").bytes)
            server.clock.advance(by: .seconds(1))

            for _ in 0..<50 { #expect(try await server.guess(Worker.secret).status == 200) }
        }
    }

    @Test("no stranger locks a client out: its secret is good from an address that has not failed")
    func noLockout() async throws {
        try await run { server in
            for number in 0..<200 { _ = try await server.guess(from: "198.51.100.\(number)") }
            for _ in 0..<30 { _ = try await server.guess(from: Self.stranger) }
            #expect(try await server.guess(from: Self.stranger).status == 429)

            for _ in 0..<20 { #expect(try await server.guess(Worker.secret, from: Self.home).status == 200) }
            // There the first wrong one is the last for a while.
            #expect(try await server.guess(from: Self.home).status == 401)
            #expect(try await server.guess(Worker.secret, from: Self.home).status == 429)
        }
    }

    @Test("whoever tries many clients from one address is slowed down too, and so is whoever has 64 bits of addresses")
    func manyClients() async throws {
        try await run { server in
            var statuses: [Int] = []
            for number in 0...20 { statuses.append(try await server.guess(client: "app-\(number)").status) }
            #expect(statuses == Array(repeating: 401, count: 20) + [429])
            #expect(try await server.guess(Worker.secret).status == 429)

            statuses = []
            for number in 0...20 {
                statuses.append(try await server.guess(client: "app-\(number)", from: "2001:db8::\(number)").status)
            }
            #expect(statuses == Array(repeating: 401, count: 20) + [429])
            #expect(try await server.guess(client: "another", from: "2001:db8:0:1::9").status == 401)
        }
    }

    @Test("an unknown client is slowed down like a known one, answer for answer")
    func unknownClient() async throws {
        try await run { server in
            for _ in 0..<12 {
                let known = try await server.guess(from: Self.stranger)
                let unknown = try await server.guess(client: "nobody", from: Self.home)
                #expect(known.status == unknown.status)
                #expect(known.bytes == unknown.bytes)
                #expect(known.headers == unknown.headers)
            }
        }
    }

    @Test("every door where clients authenticate counts, and is closed; tokens and people are not touched")
    func everyDoor() async throws {
        try await run { server in
            let tokens = try await server.signedIn()
            let wrong = [("client_id", "worker"), ("client_secret", "wrong")]
            let basic: HTTPFields = [.authorization: "Basic " + Data("worker:wrong".utf8).base64EncodedString()]
            let doors: [(String, @Sendable () async throws -> Answer)] = [
                ("token", { try await server.guess() }), ("renew", { try await server.renew(tokens.refresh, wrong) }),
                ("revoke", { try await server.post("/oauth/revoke", form: [("token", tokens.refresh)] + wrong) }),
                ("introspect", { try await server.post("/oauth/introspect", form: [("token", tokens.refresh)] + wrong) }),
                ("feed", { try await server.send(.get, "/v1/revocations?after=", basic) }),
                ("sessions", { try await server.signIn(["client_id": "worker", "client_secret": "wrong"]) }),
            ]
            for _ in 0..<2 {
                for (name, door) in doors where name != "renew" { #expect(try await door().status == 401, "\(name)") }
            }

            for (name, door) in doors {
                let answer = try await door()
                #expect(answer.status == 429, "\(name)")
                #expect(answer.retryAfter == "1", "\(name)")
                #expect(answer.isWellFormedError, "\(name)")
                #expect(answer.error != "invalid_grant", "\(name)")
            }
            let problem = try await server.signIn(["client_id": "worker", "client_secret": "wrong"])
            #expect(problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded")
            #expect(problem.body["violated-policies"] == ["client_authentication_failures"])
            #expect(try await server.renew(tokens.refresh).status == 200)
            #expect(try await server.signIn().status == 201)
        }
    }

    private func run(_ body: @escaping @Sendable (TestServer) async throws -> Void) async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.trustedProxies = [AddressRange(InMemoryContext.address)].compactMap(\.self)
        }
        try await TestServer.run(configure: configure) { server in
            try await server.addWorker()
            try await body(server)
        }
    }
}

extension TestServer {
    /// A try at a client's secret, from an address.
    fileprivate func guess(
        _ secret: String = "wrong", client: String = "worker", from address: String = "192.0.2.99"
    ) async throws -> Answer {
        try await post(
            "/oauth/token",
            form: [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)],
            [.forwardedFor: address])
    }
}
