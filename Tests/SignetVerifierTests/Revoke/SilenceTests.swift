import HTTPTypes
import Logging
import MetricsTestKit
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@testable import SignetVerifier

@Suite("When the revocation feed is silent", .timeLimit(.minutes(5)))
struct SilenceTests {
    static let introspection = "https://id.example.com/oauth/introspect"

    let clock = ManualClock()
    let issuer = TestIssuer()
    let server = FakeServer(TestIssuer().keySet)
    let feed: FakeFeed

    init() {
        feed = FakeFeed(issuer, clock)
    }

    @Test("a heartbeat each 15 s is enough, and nothing is cut")
    func heartbeats() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock, whenSilent: .closed)
        try await running(verifier) {
            for _ in 0..<20 {
                try await until { clock.sleepers == 3 }
                clock.advance(by: .seconds(15))
                feed.send(": keep-alive\n\n")
                try await until { verifier.revocations?.watch.lag(at: clock.now) == .zero }
            }

            #expect(verifier.health == .current)
            #expect(feed.requests.count == 1)
        }
    }

    @Test("open: tokens are accepted, and health says since when, VER-12")
    func open() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            let lastHeard = clock.now
            let revoked = try issuer.token(of: .phone, at: clock.now)
            feed.append(.of(.session(.phone)))
            try await until { verifier.revocations?.live.count == 1 }
            feed.status = nil

            try await beSilent(.seconds(45) - .milliseconds(1))
            #expect(verifier.health == .current)
            try await beSilent(.milliseconds(1))

            #expect(verifier.health == .silent(since: lastHeard))
            _ = try await verifier.verify(try issuer.token(of: .laptop, at: clock.now))
            await #expect(throws: TokenError.revoked) { try await verifier.verify(revoked) }
        }
    }

    @Test("closed: nothing is accepted before the first snapshot, in a silence, and again after it")
    func closed() async throws {
        feed.isSlow = true
        let verifier = AccessTokenVerifier.following(feed, server, clock, whenSilent: .closed)
        let token = try issuer.token(of: .laptop, at: clock.now)
        let service = Task { try await verifier.run() }
        try await until { feed.isConnected }
        await #expect(throws: RevocationsUnknown.self) { try await verifier.verify(token) }
        feed.deliver()
        try await until { verifier.health == .current }
        _ = try await verifier.verify(token)
        feed.status = nil

        try await beSilent(.seconds(45))
        await #expect(throws: RevocationsUnknown.self) { try await verifier.verify(token) }
        await #expect(throws: TokenError.malformed) { try await verifier.verify(Secret("rubbish")) }

        feed.status = .ok
        try await until {
            if verifier.health != .current { clock.advance(by: .milliseconds(100)) }
            feed.deliver()
            return verifier.health == .current
        }
        _ = try await verifier.verify(token)
        service.cancel()
        try await service.value
    }

    @Test(
        "introspect: the server's plain yes or no decides, and anything else is 503",
        arguments: [
            (HTTPResponse.Status.ok, #"{"active":true}"#, "accepted"), (.ok, #"{"active":false}"#, "revoked"),
            (.ok, #"{"active":"true"}"#, "unknown"), (.ok, "{}", "unknown"), (.ok, "", "unknown"),
            (.unauthorized, #"{"active":true}"#, "unknown"), (.serviceUnavailable, "", "unknown"), (.found, "", "unknown"),
        ])
    func introspect(_ status: HTTPResponse.Status, _ body: String, _ outcome: String) async throws {
        server[Self.introspection] = FakeServer.Answer(status: status, body: Array(body.utf8))
        let verifier = AccessTokenVerifier.following(feed, server, clock, whenSilent: .introspect)
        try await running(verifier) {
            let token = try issuer.token(of: .laptop, at: clock.now)
            _ = try await verifier.verify(token)
            #expect(!server.requests.contains(Self.introspection))
            feed.status = nil
            try await beSilent(.seconds(45))

            #expect(await Self.outcome { _ = try await verifier.verify(token) } == outcome)

            let (request, form) = try #require(server.sent.last { $0.request.path == "/oauth/introspect" })
            #expect(request.method == .post)
            #expect(request.headerFields[.authorization] == "Basic bm90ZXMtYXBpOnMzY3JldA==")
            #expect(request.headerFields[.contentType] == "application/x-www-form-urlencoded")
            #expect(String(decoding: form, as: UTF8.self) == token.reveal { "token=" + $0 })
        }
    }

    @Test("introspect: with the server away, or without a credential, nobody can say", arguments: [true, false])
    func introspectInVain(_ hasCredential: Bool) async throws {
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", credential: hasCredential ? .basic("a", Secret("b")) : nil,
            followsPublicFeed: true, whenSilent: .introspect, transport: server, streams: feed, clock: clock, logger: .test)
        try await running(verifier) {
            let token = try issuer.token(of: .laptop, at: clock.now)
            _ = try await verifier.verify(token)
            server[Self.introspection] = FakeServer.Answer(body: Array(#"{"active":true}"#.utf8))
            feed.status = nil
            try await beSilent(.seconds(45))
            server.isReachable = !hasCredential

            await #expect(throws: RevocationsUnknown.self) { try await verifier.verify(token) }
        }
    }

    @Test("a connection that is open and says nothing is cut after 45 s, and made anew")
    func halfOpen() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            try await beSilent(.seconds(45))
            try await until { !feed.isConnected || feed.requests.count == 2 }
            try await until {
                if verifier.health != .current { clock.advance(by: .milliseconds(100)) }
                return verifier.health == .current && feed.requests.count == 2
            }
        }
    }

    @Test("bytes before the end mark are no knowledge: a snapshot that never ends is a silence, though it is not cut")
    func endlessSnapshot() async throws {
        feed.append(.of(.token("1")))
        feed.isSlow = true
        let verifier = AccessTokenVerifier.following(feed, server, clock, whenSilent: .closed)
        let service = Task { try await verifier.run() }
        try await until { feed.isConnected && clock.sleepers == 3 }
        for _ in 0..<10 {
            feed.deliver(1)
            for _ in 0..<50 { await Task.yield() }
            clock.advance(by: .seconds(15))
        }

        await #expect(throws: RevocationsUnknown.self) {
            try await verifier.verify(try issuer.token(of: .laptop, at: clock.now))
        }
        #expect(feed.requests.count == 1)
        service.cancel()
        try await service.value
    }

    @Test("a clock that was set back is no proof that the feed was heard")
    func clockSetBack() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            clock.advance(by: .seconds(-44))
            #expect(verifier.health == .current)
            clock.advance(by: .seconds(-10))
            guard case .silent = verifier.health else {
                Issue.record("\(verifier.health)")
                return
            }
        }
    }

    @Test(
        "readiness waits for the first snapshot, and with open for 10 s at most", arguments: [.open, .closed] as [SilencePolicy])
    func readiness(_ policy: SilencePolicy) async throws {
        feed.isSlow = true
        let verifier = AccessTokenVerifier.following(feed, server, clock, whenSilent: policy)
        #expect(!verifier.isReady)
        let service = Task { try await verifier.run() }
        try await until { feed.isConnected }

        clock.advance(by: .seconds(10) - .milliseconds(1))
        #expect(!verifier.isReady)
        clock.advance(by: .milliseconds(1))
        #expect(verifier.isReady == (policy == .open))

        feed.deliver()
        try await until { verifier.health == .current }
        #expect(verifier.isReady)
        feed.status = nil
        try await beSilent(.seconds(60))
        #expect(verifier.isReady)
        service.cancel()
        try await service.value
    }

    @Test("a silence is logged once, and its end; the gauges tell how things stand")
    func told() async throws {
        let metrics = TestMetrics()
        let log = RecordedLog()
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", followsPublicFeed: true, transport: server, streams: feed,
            clock: clock, metrics: metrics, logger: log.logger)
        try await running(verifier) {
            feed.append(.of(.token("1")))
            try await until { verifier.revocations?.live.count == 1 }
            try await until { try gauge(metrics, "signet_verifier_revocations") == 1 }
            #expect(try gauge(metrics, "signet_verifier_feed_state") == 2)
            feed.status = nil
            try await beSilent(.seconds(45))
            for _ in 0..<5 { try await beSilent(.seconds(45)) }

            try await until { log.count("The revocation feed is silent") == 1 }
            try await until { try gauge(metrics, "signet_verifier_feed_state") == 3 }
            try await until { try gauge(metrics, "signet_verifier_feed_lag_seconds") >= 45 }

            feed.status = .ok
            try await until {
                if verifier.health != .current { clock.advance(by: .milliseconds(100)) }
                return verifier.health == .current
            }
            try await until { log.count("The revocation feed is heard again") == 1 }
            #expect(log.count("The revocation feed is silent") == 1)
            try await until { try gauge(metrics, "signet_verifier_feed_state") == 2 }
            #expect(try gauge(metrics, "signet_verifier_feed_lag_seconds") < 1)
        }
    }

    private func gauge(_ metrics: TestMetrics, _ label: String) throws -> Double {
        try metrics.expectGauge(label).lastValue ?? -1
    }

    /// Moves the clock once everybody sleeps.
    private func beSilent(_ duration: Duration) async throws {
        try await until { clock.sleepers == 3 }
        clock.advance(by: duration)
    }

    private func running(_ verifier: AccessTokenVerifier, _ test: () async throws -> Void) async throws {
        let service = Task { try await verifier.run() }
        defer { service.cancel() }
        try await until { verifier.health == .current }
        try await test()
        service.cancel()
        try await service.value
    }

    private static func outcome(_ verify: () async throws -> Void) async -> String {
        do {
            try await verify()
            return "accepted"
        } catch TokenError.revoked {
            return "revoked"
        } catch is RevocationsUnknown {
            return "unknown"
        } catch {
            return "\(error)"
        }
    }
}

/// The phrases that were logged.
private final class RecordedLog: Sendable {
    private let phrases = Mutex<[String]>([])

    var logger: Logger { Logger.test { _, message, _ in self.phrases.withLock { $0.append(message) } } }

    func count(_ phrase: String) -> Int {
        phrases.withLock { $0.count { $0 == phrase } }
    }
}
