import Logging
import MetricsTestKit
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetServer

@Suite("The server cleans up after itself", .timeLimit(.minutes(1)))
struct CleanUpTests {
    private let pulse = ManualClock()

    @Test("every ten minutes: one line in the log when something was removed, and none when nothing was")
    func passes() async throws {
        try await TestServer.run(configure: { $0.housekeeping = pulse }) { server in
            // The watch on the keys, their rotation, and the clean-up before its first pass.
            try await until { pulse.sleepers == 3 }
            #expect(lines(of: server) == [])
            for _ in 0..<3 { _ = try await server.revoke(server.signedIn().refresh) }
            let live = try await server.signedIn()
            server.clock.advance(by: .seconds(7 * 86_400))

            try await rest(server)
            #expect(lines(of: server).count == 1)
            #expect(lines(of: server).first?.contains(#""sessions": 3"#) == true, "\(lines(of: server))")
            #expect(lines(of: server).first?.contains(#""revocations": 3"#) == true, "\(lines(of: server))")

            try await rest(server)
            #expect(lines(of: server).count == 1)
            #expect(try await server.renew(live.refresh).status == 200)
            #expect(server.errors == [])
        }
    }

    @Test("until it is old enough a dead session's refusal tells why it ended, and afterwards no more")
    func reasons() async throws {
        try await TestServer.run(configure: { ($0.housekeeping, $0.deadSessionRetention) = (pulse, .seconds(7200)) }) { server in
            try await until { pulse.sleepers == 3 }
            let tokens = try await server.signedIn()
            _ = try await server.revoke(tokens.refresh)
            server.clock.advance(by: .seconds(7199))
            try await rest(server)
            #expect(try await server.renew(tokens.refresh).body["reason"]?.string == "signed_out")

            server.clock.advance(by: .seconds(1))
            try await rest(server)

            let refused = try await server.renew(tokens.refresh)
            #expect(refused.status == 400)
            #expect(refused.body["reason"]?.string == "unknown")
        }
    }

    @Test("a pass that fails is a warning, and the next one goes on")
    func fails() async throws {
        try await TestServer.run(configure: { $0.housekeeping = pulse }) { server in
            try await until { pulse.sleepers == 3 }
            _ = try await server.revoke(server.signedIn().refresh)
            server.clock.advance(by: .seconds(7 * 86_400))
            try await server.alter("ALTER TABLE clients RENAME TO hidden")
            try await rest(server)
            #expect(server.log.lines(.warning).contains { $0.contains("What has expired cannot be removed") })
            #expect(lines(of: server) == [])

            try await server.alter("ALTER TABLE hidden RENAME TO clients")
            try await rest(server)

            #expect(lines(of: server).count == 1)
        }
    }

    @Test("what is removed is counted by its kind")
    func counts() async throws {
        try await TestServer.run(configure: { $0.housekeeping = ManualClock() }) { server in
            for _ in 0..<3 { _ = try await server.revoke(server.signedIn().refresh) }
            server.clock.advance(by: .seconds(3900))
            let metrics = TestMetrics()
            let cleanUp = CleanUp(
                forget: ForgetExpired(
                    store: server.store, defaults: PolicyDefaults(), deadFor: .seconds(7200), clock: pulse), clock: pulse,
                logger: server.log.logger, metrics: metrics)

            let run = Task { try await cleanUp.run() }
            try await until { pulse.sleepers == 1 }
            pulse.advance(by: CleanUp.interval)
            try await until { pulse.sleepers == 1 }
            #expect(try metrics.expectCounter("signet_forgotten_total", [("kind", "revocation")]).totalValue == 3)
            #expect(throws: (any Error).self) { try metrics.expectCounter("signet_forgotten_total", [("kind", "session")]) }
            server.clock.advance(by: .seconds(3300))
            pulse.advance(by: CleanUp.interval)
            try await until { pulse.sleepers == 1 }
            run.cancel()
            try await run.value

            #expect(try metrics.expectCounter("signet_forgotten_total", [("kind", "session")]).totalValue == 3)
        }
    }

    /// Waits until the clean-up has been through everything once more.
    private func rest(_ server: TestServer) async throws {
        pulse.advance(by: CleanUp.interval)
        try await until { pulse.sleepers == 3 }
    }

    private func lines(of server: TestServer) -> [String] {
        server.log.lines(.info).filter { $0.contains("Removed what has expired") }
    }
}
