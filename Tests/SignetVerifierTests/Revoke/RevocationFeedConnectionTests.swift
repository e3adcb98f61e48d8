import HTTPTypes
import Logging
import MetricsTestKit
import ServiceLifecycle
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

/// What becomes of the connection: broken, refused, ended, or no event stream at all.
extension RevocationFeedTests {
    @Test(
        "a server in trouble is asked again after a pause, SSE-4",
        arguments: [nil, .internalServerError, .serviceUnavailable, .notFound, .found] as [HTTPResponse.Status?])
    func trouble(_ status: HTTPResponse.Status?) async throws {
        feed.status = status
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        let service = Task { try await verifier.run() }
        try await until {
            if feed.requests.count < 4 { clock.advance(by: .milliseconds(100)) }
            return feed.requests.count == 4
        }
        // Pauses of at least 1, 2 and 4 s.
        #expect(clock.now >= UnixTime.sometime.advanced(by: .seconds(7)))
        feed.status = .ok

        try await until {
            clock.advance(by: .milliseconds(100))
            return verifier.health == .current
        }
        service.cancel()
        try await service.value
    }

    @Test("a refused credential is tried again, and not often", arguments: [401, 403])
    func refused(_ code: Int) async throws {
        feed.status = .init(code: code)
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        let service = Task { try await verifier.run() }
        try await until {
            if feed.requests.count < 2 { clock.advance(by: .milliseconds(100)) }
            return feed.requests.count == 2
        }

        #expect(clock.now >= UnixTime.sometime.advanced(by: .seconds(60)))
        service.cancel()
        try await service.value
    }

    @Test("204 means stay away, and the service goes on without the feed, SSE-4")
    func unwanted() async throws {
        feed.status = .noContent
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        let service = Task { try await verifier.run() }
        try await until { feed.requests.count == 1 }

        for _ in 0..<100 {
            clock.advance(by: .seconds(30))
            for _ in 0..<20 { await Task.yield() }
        }

        #expect(feed.requests.count == 1)
        _ = try await verifier.verify(try issuer.token(at: clock.now))
        service.cancel()
        try await service.value
    }

    @Test("a position that the server cannot read is dropped")
    func badPosition() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            feed.status = .badRequest
            feed.disconnect()
            try await comeBack(connected: false)
            feed.status = .ok
            try await comeBack()

            #expect(feed.positions == [nil, "e1.0", nil])
        }
    }

    @Test(
        "a position that is none never gets into a header",
        arguments: ["", "a b", "é", "a\u{7F}", String(repeating: "a", count: 4097)])
    func wrongPosition(_ id: String) async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            feed.append(.of(.token("1")))
            let token = try SecurityEventToken.sign(.of(.token("2")), issuer: issuer.name, with: issuer.key, at: clock.now)
            feed.send("event: revocation\nid: \(id)\ndata: \(token)\n\n")
            try await until { verifier.revocations?.live.count == 2 }
            feed.disconnect()
            try await comeBack()

            #expect(feed.positions == [nil, "e1.1"])
        }
    }

    @Test("what is no event stream, or has lines without end, is left", arguments: [true, false])
    func noEventStream(_ isPage: Bool) async throws {
        let metrics = TestMetrics()
        if isPage { feed.contentType = "text/html" }
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "a", followsPublicFeed: true, transport: server, streams: feed, clock: clock,
            metrics: metrics, logger: .test)
        let service = Task { try await verifier.run() }
        if !isPage {
            try await until { feed.isConnected }
            feed.send(String(repeating: "x", count: 20_000))
        }

        try await until { connections(metrics, "unreadable") == 1 }
        service.cancel()
        try await service.value
    }
}
