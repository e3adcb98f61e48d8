import HTTPTypes
import Logging
import MetricsTestKit
import ServiceLifecycle
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Following the revocation feed", .timeLimit(.minutes(5)))
struct RevocationFeedTests {
    let clock = ManualClock()
    let issuer = TestIssuer()
    let server = FakeServer(TestIssuer().keySet)
    let feed: FakeFeed

    init() {
        feed = FakeFeed(issuer, clock)
    }

    @Test("what was revoked before and what is revoked now is refused, each time it is used")
    func revoked() async throws {
        feed.append(.of(.session(.phone)))
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            let (phone, laptop) = (try issuer.token(of: .phone, at: clock.now), try issuer.token(of: .laptop, at: clock.now))
            await #expect(throws: TokenError.revoked) { try await verifier.verify(phone) }
            // Once in full, once remembered.
            for _ in 0..<2 { _ = try await verifier.verify(laptop) }

            feed.append(.of(.session(.laptop)))
            try await until { verifier.revocations?.live.count == 2 }

            for _ in 0..<2 { await #expect(throws: TokenError.revoked) { try await verifier.verify(laptop) } }
        }
    }

    @Test("it asks with its credential, for events, and for a snapshot at first")
    func request() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            let request = try #require(feed.requests.first)

            #expect(request.method == .get)
            #expect(request.authority == "id.example.com")
            #expect(request.path == "/v1/revocations")
            #expect(request.headerFields[.authorization] == "Basic bm90ZXMtYXBpOnMzY3JldA==")
            #expect(request.headerFields[.accept] == "text/event-stream")
            #expect(feed.positions == [nil])
        }
    }

    @Test("a public feed is followed without a credential, and without either none is")
    func publicFeed() async throws {
        let follower = AccessTokenVerifier(
            issuer: issuer.name, audience: "a", followsPublicFeed: true, transport: server, streams: feed, clock: clock,
            logger: .test)
        try await running(follower) { #expect(feed.requests.first?.headerFields[.authorization] == nil) }

        let other = AccessTokenVerifier.asking(server, clock)
        #expect(other.revocations == nil)
        #expect(other.health == .notFollowed)
        #expect(other.isReady)
    }

    @Test("after a disconnect it goes on where it was, and misses nothing, SSE-3")
    func resuming() async throws {
        feed.append(.of(.token("a")))
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            feed.append(.of(.token("b")))
            try await until { verifier.revocations?.live.count == 2 }
            feed.disconnect()
            feed.append(.of(.token("c")))

            try await comeBack()

            try await until { verifier.revocations?.live.count == 3 }
            #expect(feed.positions == [nil, "e1.2"])
        }
    }

    @Test("a position of another epoch gets a snapshot, which is added to what is held")
    func epoch() async throws {
        feed.append(.of(.token("a")))
        feed.append(.of(.token("b")))
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            feed.restore(without: 1)
            feed.append(.of(.token("c")))
            try await comeBack()
            try await until { verifier.revocations?.live.count == 3 }

            feed.disconnect()
            try await comeBack()
            #expect(feed.positions == [nil, "e1.2", "e2.3"])
        }
    }

    @Test("a snapshot that breaks off leaves no position, and what came of it stays")
    func brokenSnapshot() async throws {
        for id in 0..<10 { feed.append(.of(.token("\(id)"))) }
        feed.isSlow = true
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        let service = Task { try await verifier.run() }
        try await until { feed.isConnected }
        feed.deliver(3000)
        try await until { (verifier.revocations?.live.count ?? 0) > 0 }
        #expect(verifier.health == .starting)
        feed.disconnect()
        feed.isSlow = false

        try await comeBack()

        try await until { verifier.revocations?.live.count == 10 }
        #expect(feed.positions == [nil, nil])
        service.cancel()
        try await service.value
    }

    @Test("a place that is named in the middle of a snapshot is none to go on from")
    func placeInASnapshot() async throws {
        feed.isSlow = true
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        let service = Task { try await verifier.run() }
        try await until { feed.isConnected }
        let token = try SecurityEventToken.sign(.of(.token("1")), issuer: issuer.name, with: issuer.key, at: clock.now)
        feed.sendAhead("event: revocation\nid: e1.7\ndata: \(token)\n\n")
        try await until { verifier.revocations?.live.count == 1 }
        feed.disconnect()
        feed.isSlow = false

        try await comeBack()

        #expect(feed.positions == [nil, nil])
        service.cancel()
        try await service.value
    }

    @Test("an event that is forged is ignored and counted, and a snapshot is asked for soon")
    func forged() async throws {
        let metrics = TestMetrics()
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", followsPublicFeed: true, transport: server, streams: feed,
            clock: clock, metrics: metrics, logger: .test)
        try await running(verifier) {
            let forger = TestIssuer(seed: 666)
            let laptop = Revocation.of(.session(.laptop))
            let good = try SecurityEventToken.sign(laptop, issuer: issuer.name, with: issuer.key, at: clock.now)
            let forgeries = [
                try SecurityEventToken.sign(laptop, issuer: issuer.name, with: forger.key, at: clock.now),
                try SecurityEventToken.sign(laptop, issuer: "https://evil.example", with: issuer.key, at: clock.now),
                // The last characters may hold bits that are not used.
                good.dropLast(6) + (good.hasSuffix("AAAAAA") ? "BBBBBB" : "AAAAAA"),
                try issuer.token(of: .laptop, at: clock.now).reveal { String($0) },
                "rubbish",
            ]
            for forgery in forgeries { feed.send("event: revocation\nid: e1.99\ndata: \(forgery)\n\n") }
            feed.append(.of(.token("genuine")))
            try await until { verifier.revocations?.live.count == 1 }

            _ = try await verifier.verify(try issuer.token(of: .laptop, at: clock.now))
            #expect(events(metrics, "forged") == 5)
            #expect(events(metrics, "applied") == 1)

            for _ in 0..<3 {
                clock.advance(by: .seconds(15))
                feed.send(": keep-alive\n\n")
            }
            try await comeBack()
            #expect(feed.positions == [nil, nil])
            #expect(connections(metrics, "incomplete") == 1)
        }
    }

    @Test("genuine events of a kind that is not known yet are passed over")
    func unknownKinds() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            var claims = JSONObject()
            claims["iss"] = .string(issuer.name)
            claims["aud"] = .string(issuer.name + "/v1/revocations")
            claims["iat"] = .integer(clock.now.seconds)
            claims["jti"] = .string(TokenID.random(seededRandomBytes(9)).description)
            claims["sub_id"] = ["format": "email", "email": "ada@example.com"]
            claims["events"] = ["https://id.example.com/events/moved-house": ["event_timestamp": 1]]
            let token = try CompactJWS.sign(claims, type: "secevent+jwt", with: issuer.key).reveal { String($0) }
            feed.send("event: revocation\nid: e1.1\ndata: \(token)\n\nevent: weather\ndata: sunny\n\n")
            feed.append(.of(.session(.laptop)))
            try await until { verifier.revocations?.live.count == 1 }

            feed.disconnect()
            try await comeBack()
            #expect(feed.positions == [nil, "e1.1"])
        }
    }

    @Test("an event by a key that is new is read after one fetch of the keys, in spite of the cool-down")
    func newKey() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            let stranger = try TestIssuer(seed: 77).token(at: clock.now)
            await #expect(throws: TokenError.unknownKey) { try await verifier.verify(stranger) }
            let fetches = server.fetches
            let rotated = TestIssuer(seed: 2)
            server.publish(KeySet([issuer.key.publicKey, rotated.key.publicKey]))
            feed.key = rotated.key

            for id in 0..<5 { feed.append(.of(.token("\(id)"))) }
            try await until { verifier.revocations?.live.count == 5 }

            #expect(server.fetches == fetches + 1)
        }
    }

    @Test("an event whose key cannot be fetched comes again, and is not lost")
    func keysAway() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            let rotated = TestIssuer(seed: 2)
            feed.key = rotated.key
            server.isReachable = false
            feed.append(.of(.session(.laptop)))
            try await until { !feed.isConnected }
            server.publish(KeySet([issuer.key.publicKey, rotated.key.publicKey]))
            server.isReachable = true

            try await comeBack()

            try await until { verifier.revocations?.live.count == 1 }
            #expect(feed.positions == [nil, "e1.0"])
        }
    }

    @Test("a revoked key is never accepted again, though the server publishes it and signs with it")
    func revokedKey() async throws {
        let standby = TestIssuer(seed: 2)
        server.publish(KeySet([issuer.key.publicKey, standby.key.publicKey]))
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            let token = try issuer.token(at: clock.now)
            _ = try await verifier.verify(token)
            let fetches = server.fetches
            feed.key = standby.key
            feed.append(.of(.key(issuer.key.publicKey.keyID), forgetAt: .some(nil)))
            try await until { server.fetches == fetches + 1 }

            await #expect(throws: TokenError.revoked) { try await verifier.verify(token) }
            await #expect(throws: TokenError.revoked) { try await verifier.verify(try issuer.token(at: clock.now, tokenID: "2")) }
            _ = try await verifier.verify(try standby.token(at: clock.now))

            // Whoever has the leaked key cannot speak in the feed either.
            let forgery = try SecurityEventToken.sign(
                .of(.client("signet")), issuer: issuer.name, with: issuer.key, at: clock.now)
            feed.send("event: revocation\nid: e1.9\ndata: \(forgery)\n\n")
            feed.append(.of(.token("3")))
            try await until { verifier.revocations?.live.count == 2 }
            _ = try await verifier.verify(try standby.token(at: clock.now, tokenID: "4"))
        }
    }

    @Test("a snapshot of many revoked keys costs one fetch")
    func manyKeys() async throws {
        for id in 0..<50 { feed.append(.of(.key("k\(id)"), forgetAt: .some(nil))) }
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            try await until { server.fetches == 2 }
            feed.disconnect()
            try await comeBack()
            feed.append(.of(.token("1")))
            try await until { verifier.revocations?.live.count == 51 }

            #expect(server.fetches == 2)
        }
    }

    @Test("a feed that names key after key does not make us ask for each")
    func keyFlood() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        try await running(verifier) {
            for seed in 100..<160 as Range<UInt64> {
                let token = try SecurityEventToken.sign(
                    .of(.client("signet")), issuer: issuer.name, with: TestIssuer(seed: seed).key, at: clock.now)
                feed.send("event: revocation\nid: e1.5\ndata: \(token)\n\n")
            }
            feed.append(.of(.token("1")))
            try await until { verifier.revocations?.live.count == 1 }

            #expect(server.fetches == 17)
        }
    }

    @Test("memory is bounded: what does not fit refuses all that is older, and a renewed token is good")
    func bounded() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock, remembering: 10)
        for id in 0..<200 { feed.append(.of(.token("t\(id)"), at: clock.now)) }
        try await running(verifier) {
            #expect(verifier.revocations?.live.count == 10)
            await #expect(throws: TokenError.revoked) {
                try await verifier.verify(try issuer.token(at: clock.now, tokenID: "t150"))
            }
            clock.advance(by: .seconds(1))
            _ = try await verifier.verify(try issuer.token(at: clock.now, tokenID: "renewed"))
        }
    }

    @Test("a graceful shutdown ends the stream at once")
    func shutdown() async throws {
        let verifier = AccessTokenVerifier.following(feed, server, clock)
        let group = ServiceGroup(services: [verifier], logger: .test)
        let running = Task { try await group.run() }
        try await until { verifier.health == .current }

        await group.triggerGracefulShutdown()

        try await running.value
        try await until { !feed.isConnected }
    }

    /// Runs the verifier until its feed is live, then the test, then ends it.
    func running(_ verifier: AccessTokenVerifier, _ test: () async throws -> Void) async throws {
        let service = Task { try await verifier.run() }
        defer { service.cancel() }
        try await until { verifier.health == .current }
        try await test()
        service.cancel()
        try await service.value
    }

    /// Moves the clock until the next request is there.
    func comeBack(connected: Bool = true) async throws {
        let count = feed.requests.count
        try await until {
            if feed.requests.count == count { clock.advance(by: .milliseconds(100)) }
            return feed.requests.count > count && feed.isConnected == connected
        }
        // The clock stands still again once the reader has begun to wait.
        if connected { try await until { clock.sleepers == 3 } }
    }

    func events(_ metrics: TestMetrics, _ outcome: String) -> Int64 {
        metrics.counterTotal(label: "signet_verifier_feed_events", dimensions: [("outcome", outcome)])
    }

    func connections(_ metrics: TestMetrics, _ outcome: String) -> Int64 {
        metrics.counterTotal(label: "signet_verifier_feed_connections", dimensions: [("outcome", outcome)])
    }
}
