import HTTPTypes
import Logging
import MetricsTestKit
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Keeping the issuer's keys")
struct KeySetCacheTests {
    let clock = ManualClock()
    let issuer = TestIssuer()
    let server = FakeServer(TestIssuer().keySet)

    @Test("they are found through the issuer's metadata, and not asked for again while they are fresh")
    func discovery() async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)

        for id in 0..<5 { _ = try await verifier.verify(try issuer.token(at: clock.now, tokenID: "\(id)")) }

        #expect(server.requests == [FakeServer.metadata, FakeServer.keys])
    }

    @Test("a JWKS URL that is given is asked without looking at any metadata")
    func givenURL() async throws {
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", jwksURL: FakeServer.keys, transport: server, clock: clock,
            logger: .test)

        _ = try await verifier.verify(try issuer.token(at: clock.now))

        #expect(server.requests == [FakeServer.keys])
    }

    @Test("a hundred callers wait for one fetch, VER-13")
    func singleFlight() async throws {
        let cache = cache(asking: server)
        server.isHolding = true

        let callers = (0..<100).map { _ in Task { try await cache.keys().generation } }
        while await cache.passengers < 100 { await Task.yield() }
        server.isHolding = false

        for caller in callers { #expect(try await caller.value == 1) }
        #expect(server.fetches == 1)
    }

    @Test("a hundred tokens with a new key wait for one fetch, and all of them pass")
    func singleFlightForANewKey() async throws {
        let cache = cache(asking: server)
        let old = try await cache.keys()
        let rotated = TestIssuer(seed: 2)
        server.publish(KeySet([issuer.key.publicKey, rotated.key.publicKey]))
        server.isHolding = true

        let callers = (0..<100).map { _ in Task { await cache.keys(after: old)?.generation } }
        while await cache.passengers < 100 { await Task.yield() }
        server.isHolding = false

        for caller in callers { #expect(await caller.value == 2) }
        #expect(server.fetches == 2)
    }

    @Test("a rotated key is found when its first token comes, and the old one still verifies")
    func rotation() async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)
        let rotated = TestIssuer(seed: 2)
        _ = try await verifier.verify(try issuer.token(at: clock.now))
        server.publish(KeySet([issuer.key.publicKey, rotated.key.publicKey]))

        #expect(try await verifier.verify(try rotated.token(at: clock.now)).keyID == rotated.key.publicKey.keyID)
        #expect(try await verifier.verify(try issuer.token(at: clock.now, tokenID: "2")).keyID == issuer.key.publicKey.keyID)
        #expect(server.fetches == 2)
    }

    @Test("an unknown kid asks the server once a cool-down, however many there are, VER-13")
    func coolDown() async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)
        _ = try await verifier.verify(try issuer.token(at: clock.now))

        var fetches: [Int] = []
        for second in 0...61 {
            for seed in 100..<110 as Range<UInt64> {
                let stranger = TestIssuer(seed: seed)
                let token = try stranger.token(at: clock.now, tokenID: "\(second)")
                await #expect(throws: TokenError.unknownKey) { try await verifier.verify(token) }
            }
            fetches.append(server.fetches)
            clock.advance(by: .seconds(1))
        }

        #expect(fetches[0] == 2)
        #expect(fetches[29] == 2)
        #expect(fetches[30] == 3)
        #expect(fetches[59] == 3)
        #expect(fetches[60] == 4)
        #expect(fetches[61] == 4)
    }

    @Test("while the server is away the old keys are used, and it is asked once a cool-down")
    func staleKeys() async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)
        _ = try await verifier.verify(try issuer.token(at: clock.now))
        server.isReachable = false
        clock.advance(by: .seconds(300))

        for second in 0..<90 {
            for id in 0..<3 {
                let token = try issuer.token(at: clock.now, tokenID: "\(second) \(id)")
                #expect(try await verifier.verify(token).token.subject == "ada")
                // What goes out without anybody waiting has to land before it is counted.
                for _ in 0..<20 { await Task.yield() }
            }
            clock.advance(by: .seconds(1))
        }

        #expect(server.fetches == 1 + 3)
    }

    @Test("nobody waits for a server that is known to be away")
    func nobodyWaits() async throws {
        let cache = cache(asking: server)
        _ = try await cache.keys()
        server.isReachable = false
        clock.advance(by: .seconds(300))
        _ = try await cache.keys()
        clock.advance(by: .seconds(30))
        server.isHolding = true

        let keys = try await cache.keys()

        #expect(keys.generation == 1)
        #expect(await cache.passengers == 0)
        server.isHolding = false
    }

    @Test("once the server is back its keys are taken, and a key that it dropped is refused")
    func recovery() async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)
        let old = try issuer.token(at: clock.now.advanced(by: .seconds(200)))
        _ = try await verifier.verify(try issuer.token(at: clock.now))
        server.isReachable = false
        clock.advance(by: .seconds(300))
        _ = try await verifier.verify(old)
        server.isReachable = true
        server.publish(TestIssuer(seed: 2).keySet)
        clock.advance(by: .seconds(30))

        _ = try await verifier.verify(old)
        // It goes out without anybody waiting for it.
        while (try? await verifier.verify(old)) != nil { await Task.yield() }

        await #expect(throws: TokenError.unknownKey) { try await verifier.verify(old) }
    }

    @Test("what is not the issuer's key set is never used: old keys stay in use", arguments: Damage.all)
    func damageKeepsOldKeys(_ damage: Damage) async throws {
        let cache = cache(asking: server)
        _ = try await cache.keys()
        server.publish(TestIssuer(seed: 2).keySet)
        damage.inflict(server)
        clock.advance(by: .seconds(300))

        let keys = try await cache.keys()

        #expect(server.fetches == 2)
        #expect(keys.keySet.keys.map(\.keyID) == [issuer.key.publicKey.keyID])
    }

    @Test("without any keys the fault is ours, and never the token's", arguments: Damage.all)
    func damageWithoutKeys(_ damage: Damage) async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)
        damage.inflict(server)
        let token = try issuer.token(at: clock.now)

        await #expect(throws: KeysUnavailable(retryAfter: .seconds(1))) { try await verifier.verify(token) }
    }

    @Test("without any keys the server is asked after 1, 2, 4, 8, 16 and then each 30 seconds")
    func pauses() async throws {
        let verifier = AccessTokenVerifier.asking(server, clock)
        let token = try issuer.token(at: clock.now)
        server.isReachable = false

        var pauses: [Duration] = []
        for fetches in 1...7 {
            for _ in 0..<5 {
                let fault = await #expect(throws: KeysUnavailable.self) { try await verifier.verify(token) }
                pauses.append(fault?.retryAfter ?? .zero)
            }
            #expect(server.fetches == fetches)
            clock.advance(by: pauses.last ?? .zero)
        }

        #expect(Set(pauses) == Set([1, 2, 4, 8, 16, 30].map { Duration.seconds($0) }))
    }

    @Test("keys count as stale, too, once the clock was set back before they were fetched")
    func clockSetBack() async throws {
        let cache = cache(asking: server)
        _ = try await cache.keys()
        clock.advance(by: .seconds(-86400))

        #expect(try await cache.keys().generation == 2)
    }

    @Test(
        "they stay fresh as long as the server says, within 30 seconds and an hour",
        arguments: [
            (nil, 300), ("max-age=300", 300), ("public, Max-Age=600", 600), ("max-age=0", 30), ("no-store", 300),
            ("max-age=31536000", 3600), ("max-age=-5", 30), ("max-age=99999999999999999999", 300), ("max-age=soon", 300),
            ("s-maxage=7, max-age=60", 60),
        ] as [(String?, Int)])
    func lifetime(_ cacheControl: String?, _ seconds: Int) async throws {
        let server = FakeServer(issuer.keySet, headers: cacheControl.map { [.cacheControl: $0] } ?? [:])
        let cache = cache(asking: server)
        _ = try await cache.keys()

        clock.advance(by: .seconds(seconds) - .milliseconds(1))
        #expect(cache.fresh != nil)

        clock.advance(by: .milliseconds(1))
        #expect(cache.fresh == nil)
    }

    private func cache(asking server: FakeServer) -> KeySetCache {
        KeySetCache(
            fetch: FetchKeySet(issuer: issuer.name, jwksURL: nil, transport: server), coolDown: .seconds(30), clock: clock,
            metrics: VerifierMetrics(TestMetrics()), logger: .test)
    }
}
