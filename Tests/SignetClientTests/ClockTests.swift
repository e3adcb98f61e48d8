import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Clocks that are wrong")
struct ClockTests {
    let scene = Scene()

    @Test("the device's clock may jump while the client runs: the monotonic clock counts", arguments: [-86_400, 86_400])
    func jumps(seconds: Int) async throws {
        let client = try await scene.signedIn()
        scene.wall.advance(by: .seconds(seconds))

        _ = try await client.accessToken()
        #expect(scene.server.renewals.isEmpty)

        scene.pass(.seconds(300))
        for _ in 0..<5 { _ = try await client.accessToken() }
        #expect(scene.server.renewals.count == 1)
    }

    @Test("also for a client that found its session in the store: a clock set back a little does not lengthen a token's life")
    func setBackWhileRunning() async throws {
        _ = try await scene.signedIn()
        let client = scene.client(seed: 3)
        _ = try await client.accessToken()

        scene.wall.advance(by: .seconds(-100))
        scene.pass(.seconds(270))
        _ = try await client.accessToken()

        #expect(scene.server.renewals.count == 1)
    }

    @Test("a device whose clock is wrong by a day, across restarts, renews exactly when it must", arguments: [-86_400, 86_400])
    func alwaysWrong(seconds: Int) async throws {
        scene.wall.advance(by: .seconds(seconds))
        _ = try await scene.signedIn()

        scene.pass(.seconds(200))
        _ = try await scene.client().accessToken()
        #expect(scene.server.renewals.isEmpty)
        scene.pass(.seconds(100))
        _ = try await scene.client().accessToken()
        #expect(scene.server.renewals.count == 1)
        _ = try await scene.client().accessToken()
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a clock set back while nobody ran makes the stored token count as expired")
    func setBack() async throws {
        _ = try await scene.signedIn()
        scene.pass(.seconds(600))
        scene.wall.advance(by: .seconds(-86_400))

        let (_, response) = try await scene.client().data(for: request())

        #expect(response.statusCode == 200)
        #expect(scene.server.renewals.count == 1)
        #expect(scene.server.requests("/notes").count == 1)
    }

    @Test("a running client judges what others store by the server's clock, not the device's")
    func serverClock() async throws {
        let one = try await scene.signedIn()
        let two = scene.client(seed: 3)
        scene.pass(.seconds(300))
        _ = try await two.accessToken()
        scene.pass(.seconds(300))
        _ = try await one.accessToken()
        #expect(scene.server.renewals.count == 2)
        scene.wall.advance(by: .seconds(86_400))

        _ = try await two.accessToken()

        #expect(scene.server.renewals.count == 2)
    }

    @Test("a lifetime is counted from the moment of asking: the answer's time on its way is not added to it")
    func slowAnswer() async throws {
        scene.server.with { $0.lifetime = 10 }
        _ = try await scene.signedIn()
        scene.pass(.seconds(10))
        let network = HeldAnswers(transport: scene.server, path: "/oauth/token")
        let client = scene.client(transport: network)
        await network.gate.close()
        let renewal = Task { try await client.accessToken() }
        while await network.gate.waiting < 1 { await Task.yield() }
        scene.pass(.seconds(4))
        await network.gate.open()
        _ = try await renewal.value

        // A tenth of its ten seconds are left, by the server's clock.
        scene.pass(.seconds(5))
        let copy = MemoryTokenStore(scene.store.read())
        _ = try await client.accessToken()
        #expect(scene.server.renewals.count == 2)
        _ = try await scene.client(store: copy, seed: 4).accessToken()
        #expect(scene.server.renewals.count == 3)
    }

    @Test(
        "no call meets a 401 for a token's age, however short-lived tokens are and without any leeway",
        arguments: [1, 2, 5, 60, 300])
    func neverTooOld(lifetime: Int64) async throws {
        scene.server.with { $0.lifetime = lifetime }
        let client = try await scene.signedIn()
        var generator = SplitMix64(seed: UInt64(lifetime))

        for _ in 0..<300 {
            scene.pass(.milliseconds(Int64.random(in: 0...(lifetime * 300), using: &generator)))
            #expect(try await client.data(for: request()).1.statusCode == 200)
        }

        #expect(scene.server.requests("/notes").count == 300, "a 401 would have been repeated")
        // The pauses are 0.15 of a lifetime on average, so about 45 lifetimes have passed.
        #expect((35...60).contains(scene.server.renewals.count))
    }

    @Test(
        "a clock that was set while nobody ran costs one renewal at most, and no call",
        arguments: [-86_400, -400, -90, 90, 400, 86_400], [10, 200, 600])
    func setBetweenLives(seconds: Int, age: Int) async throws {
        _ = try await scene.signedIn()
        scene.pass(.seconds(age))
        scene.wall.advance(by: .seconds(seconds))

        let client = scene.client(seed: 7)
        for _ in 0..<5 { #expect(try await client.data(for: request()).1.statusCode == 200) }
        #expect(scene.server.renewals.count <= 1)
        let renewals = scene.server.renewals.count
        // Whatever it was, it is over with the next life.
        let next = scene.client(seed: 8)
        for _ in 0..<5 { #expect(try await next.data(for: request()).1.statusCode == 200) }
        #expect(scene.server.renewals.count == (renewals == 0 ? scene.server.renewals.count : 1))
        #expect(scene.server.renewals.count <= 1)
    }

    @Test(
        "a lifetime that is none keeps the old tokens; an endless one is taken for a year",
        arguments: [
            ("0", nil), ("-1", nil), ("299.5", nil), (#""300""#, nil), ("null", nil), ("1e3", nil), ("9223372036854775808", nil),
            ("1", 1), ("31536000", 31_536_000), ("31536001", 31_536_000), ("9223372036854775807", 31_536_000),
        ] as [(String, Int?)])
    func oddLifetimes(expiresIn: String, seconds: Int?) async throws {
        let client = try await scene.signedIn()
        scene.pass(.seconds(300))
        let body = #"{"access_token":"eyJ.new","token_type":"Bearer","expires_in":\#(expiresIn)}"#
        for _ in 0..<4 { scene.server.script("/oauth/token", .answer(200, [.contentType: "application/json"], body)) }

        let error = await failure { try await client.accessToken() }

        #expect(error == (seconds == nil ? .faulty(status: 200) : nil))
        #expect(scene.store.read()?.lifetime == .seconds(seconds ?? 300))
        guard let seconds else { return }
        scene.server.with { ($0.policy.idleLifetime, $0.policy.absoluteLifetime) = (nil, nil) }
        #expect(try await plain(scene.client(seed: 5).accessToken()) == "eyJ.new")
        scene.server.with { $0.faults = [] }
        scene.pass(.seconds(seconds))
        _ = try await client.accessToken()
        #expect(scene.server.renewals.count == 2)
    }

    #if os(Linux)
        @Test("the clock that counts lifetimes goes on while the machine sleeps")
        func goesOnDuringSleep() async throws {
            // A machine that never slept cannot tell the two clocks apart; one started by `unshare --time --boottime` can.
            var awakeAndAsleep = timespec()
            clock_gettime(CLOCK_BOOTTIME, &awakeAndAsleep)
            let clock = ContinuousClock()
            let system = Duration.seconds(awakeAndAsleep.tv_sec) + .nanoseconds(awakeAndAsleep.tv_nsec)

            #expect((Duration.zero...Duration.seconds(5)).contains(clock.systemEpoch.duration(to: clock.now) - system))
        }
    #endif

    @Test(
        "reads the dates of RFC 9110",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
            ("Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000),
        ] as [(String, Int64)])
    func dates(text: String, seconds: Int64) {
        #expect(UnixTime(httpDate: text) == UnixTime(seconds: seconds))
        #expect(httpDate(UnixTime(seconds: seconds)) == text)
    }

    @Test(
        "and nothing else",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:00:00 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        ])
    func noDates(text: String) {
        #expect(UnixTime(httpDate: text) == nil)
    }
}
