import SignetTestKit
import SignetTokens
import Testing

@testable import signet

@Suite("The report of the proxy")
struct ProxyReportTests {
    private typealias Client = WatchedClient

    /// A client that does nearly everything wrong.
    private var client: Client {
        var client = Client()
        for session in 1...5 as ClosedRange<UInt8> {
            client.signIn(session, device: "device \(session)")
            client.renew(0, key: nil, of: session, .lost)
            client.renew(0, key: "short", of: session)
            client.renew(0, key: Client.key(99), of: session, .refused(400, error: "invalid_grant", reason: "reused"))
            client.send("GET", "/v1/account?refresh_token=\(Client.refreshToken(session, 0))")
        }
        client.end(client.ask(7, key: Client.key(7), of: 9, fault: .loseAnswer), .lost)
        return client
    }

    @Test("names each mistake once for people, with at most three of its sessions, and all of them for programs")
    func mistakes() throws {
        let report = Self.report(client)

        let lines = report.lines
        #expect(lines.filter { $0.hasPrefix("1. ") || $0.hasPrefix("2. ") }.count == 2)
        #expect(lines.contains("1. It renewed without an idempotency key. (keyless, 5 times)"))
        #expect(lines.contains("   And in 2 more."))
        #expect(lines.filter { $0 == "   Instead: \(Mistake.keyless.advice)" }.count == 1)
        let keyless = try #require(report.json.object?["findings"]?.array).filter { $0.object?["mistake"] == "keyless" }
        #expect(keyless.count == 5)
        #expect(keyless.first?.object?["requests"] == [2])
        #expect(keyless.first?.object?["first_at"] == "2027-01-15T08:00:00Z")
    }

    @Test("counts renewals, repeats, faults, what was lost, and sign-outs")
    func counts() {
        let report = Self.report(client)

        let json = report.json.object
        #expect(json?["sign_ins"] == 5)
        #expect(json?["renewals"] == 6)
        #expect(json?["repeats"] == ["same_key": 0, "keyless": 0, "other_key": 10])
        #expect(json?["faults"] == ["lose-answer": 1])
        #expect(json?["answers_lost"] == 6)
        #expect(json?["answers_recovered"] == 5)
        #expect(json?["signed_out"] == ["reused": 5])
        #expect(report.lines.contains("Signed out  5 × reused; by the client itself: 0"))
    }

    @Test("holds no token, no key and no password, however wrong the client is")
    func secrets() {
        let report = Self.report(client)

        let text = report.lines.joined(separator: "\n") + report.json.indentedText
        #expect(text.contains("misplaced-token"))
        for secret in ["sgr1_", "access-", "short", Client.key(99), TestPassword.of("ada")] {
            #expect(!text.contains(secret), "\(secret)")
        }
    }

    private static func report(_ client: Client) -> ProxyReport {
        ProxyReport(
            server: "https://id.example.com", source: "seed 1", startedAt: client.now, endedAt: client.now, seen: client.judge)
    }
}
