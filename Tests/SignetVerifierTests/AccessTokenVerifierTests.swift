import Logging
import MetricsTestKit
import ServiceLifecycle
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Verifying inside an API")
struct AccessTokenVerifierTests {
    let clock = ManualClock()
    let issuer = TestIssuer()

    @Test("any one of the API's identifiers will do")
    func severalAudiences() async throws {
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://new.example.com", otherAudiences: ["https://api.example.com"],
            keySet: issuer.keySet, clock: clock)

        #expect(try await verifier.verify(try issuer.token(at: clock.now)).token.subject == "ada")
    }

    @Test("a token for another API is refused")
    func wrongAudience() async throws {
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example", keySet: issuer.keySet, clock: clock)
        let token = try issuer.token(at: clock.now)

        await #expect(throws: TokenError.wrongAudience) { try await verifier.verify(token) }
    }

    @Test("keys that a token brings along are never fetched, TRAP-3", arguments: ["jku", "x5u", "x5c", "jwk"])
    func keysInTheHeader(_ name: String) async throws {
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier.asking(server, clock)
        let forger = TestIssuer(seed: 666)
        var header = forger.header
        header[name] = name == "jwk" ? .object(forger.key.publicKey.jwk) : "https://evil.example/keys"
        let payload = JSONValue.object(issuer.claims(at: clock.now).claims).bytes
        let token = Secret(try forger.token(header: JSONValue.object(header).bytes, payload: payload))

        await #expect(throws: TokenError.unknownKey) { try await verifier.verify(token) }
        #expect(server.requests.allSatisfy { $0.hasPrefix("https://id.example.com/") })
    }

    @Test("each outcome is counted under its name")
    func metrics() async throws {
        let metrics = TestMetrics()
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", transport: server, clock: clock, metrics: metrics,
            logger: .test)
        let token = try issuer.token(at: clock.now)
        server.isReachable = false
        _ = try? await verifier.verify(token)
        server.isReachable = true
        clock.advance(by: .seconds(1))

        for _ in 0..<3 { _ = try? await verifier.verify(token) }
        _ = try? await verifier.verify(Secret("rubbish"))
        clock.advance(by: .seconds(1000))
        _ = try? await verifier.verify(token)

        let outcomes = ["unavailable", "verified", "remembered", "malformed", "expired"].map {
            metrics.counterTotal(label: "signet_verifier_tokens", dimensions: [("outcome", $0)])
        }
        #expect(outcomes == [1, 1, 2, 1, 1])
        #expect(metrics.counterTotal(label: "signet_verifier_key_refreshes", dimensions: [("outcome", "failed")]) == 1)
        #expect(metrics.counterTotal(label: "signet_verifier_key_refreshes", dimensions: [("outcome", "fetched")]) == 2)
    }

    @Test("run as a service it fetches before keys go stale, so that no request waits")
    func keepsFresh() async throws {
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier.asking(server, clock)
        let service = Task { try await verifier.run() }
        while clock.sleepers == 0 { await Task.yield() }
        #expect(server.fetches == 1)

        clock.advance(by: .seconds(225) - .milliseconds(1))
        #expect(clock.sleepers == 1)
        clock.advance(by: .milliseconds(1))
        while server.fetches < 2 || clock.sleepers == 0 { await Task.yield() }
        clock.advance(by: .seconds(200))
        server.isReachable = false

        #expect(try await verifier.verify(try issuer.token(at: clock.now)).token.subject == "ada")
        #expect(server.fetches == 2)
        service.cancel()
        try await service.value
    }

    @Test("run as a service it asks a server that is away again each cool-down")
    func keepsTrying() async throws {
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier.asking(server, clock)
        let service = Task { try await verifier.run() }
        while clock.sleepers == 0 { await Task.yield() }
        server.isReachable = false

        clock.advance(by: .seconds(225))
        for fetches in 2..<6 {
            while server.fetches < fetches || clock.sleepers == 0 { await Task.yield() }
            #expect(server.fetches == fetches)
            clock.advance(by: .seconds(30))
        }

        service.cancel()
        try await service.value
    }

    @Test("a graceful shutdown ends the service", arguments: [true, false])
    func shutdown(_ hasFixedKeys: Bool) async throws {
        let server = FakeServer(issuer.keySet)
        let verifier =
            hasFixedKeys
            ? AccessTokenVerifier(issuer: issuer.name, audience: "a", keySet: issuer.keySet, clock: clock)
            : AccessTokenVerifier.asking(server, clock)
        let group = ServiceGroup(services: [verifier], logger: .test)
        let running = Task { try await group.run() }
        while !hasFixedKeys && clock.sleepers == 0 { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }

        await group.triggerGracefulShutdown()

        try await running.value
    }

    @Test("a shutdown waits for no server")
    func shutdownWhileFetching() async throws {
        let server = FakeServer(issuer.keySet)
        server.isHolding = true
        let verifier = AccessTokenVerifier.asking(server, clock)
        let group = ServiceGroup(services: [verifier], logger: .test)
        let running = Task { try await group.run() }
        while server.fetches == 0 { await Task.yield() }

        await group.triggerGracefulShutdown()

        try await running.value
        #expect(server.isHolding)
    }

    @Test("a service with an issuer that can have no keys ends at once, instead of answering 503 for ever")
    func insecureIssuer() async throws {
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier(
            issuer: "http://id.example.com", audience: "https://api.example.com", transport: server, clock: clock, logger: .test
        )
        let token = try issuer.token(at: clock.now)

        await #expect(throws: InsecureIssuer(url: "http://id.example.com")) { try await verifier.run() }
        await #expect(throws: KeysUnavailable.self) { try await verifier.verify(token) }
        #expect(server.requests.isEmpty)
    }
}
