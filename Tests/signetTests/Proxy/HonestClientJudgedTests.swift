import SignetTestKit
import Testing

@testable import signet

@Suite("The proxy finds nothing wrong with an honest client")
struct HonestClientJudgedTests {
    private typealias Client = WatchedClient

    @Test("that renews in time, through ten generations")
    func inTime() {
        var client = Client()
        client.signIn()
        client.renewInTime(0..<10)

        #expect(client.mistakes == [])
        #expect(client.judge.tally.renewals == 10)
        #expect(client.judge.tally.signIns == 1)
    }

    @Test(
        "that asks again with the same key, whatever came instead of an answer",
        arguments: [
            .lost, .replaced(.portal), .replaced(.redirect), .replaced(.status(401)), .replaced(.status(403)),
            .replaced(.status(503)), .replaced(.status(504)), .unreachable,
            .refused(503, error: "temporarily_unavailable", retryAfter: 1),
            .refused(429, error: "too_many_requests", retryAfter: 1),
        ] as [Client.Result])
    fileprivate func repeats(result: WatchedClient.Result) {
        var client = Client()
        client.signIn()
        client.wait(.seconds(290))
        for _ in 1...4 {
            client.renew(0, key: Client.key(0), result)
            client.wait(.seconds(1))
        }
        client.renew(0, key: Client.key(0))
        client.renewInTime(1..<3)

        #expect(client.mistakes == [])
        #expect(client.judge.tally.repeatsWithKey == 4)
        #expect(client.judge.tally.renewals == 3)
    }

    @Test("that was killed twice before it could store what it had been given")
    func killed() {
        var client = Client()
        client.signIn()
        client.wait(.seconds(290))
        for _ in 1...3 { client.renew(0, key: Client.key(0)) }
        client.renewInTime(1..<3)

        #expect(client.mistakes == [])
    }

    @Test("of eight processes that ask at once with one key")
    func processes() {
        var client = Client()
        client.signIn()
        client.wait(.seconds(290))
        let asked = (1...8).map { _ in client.ask(0, key: Client.key(0)) }
        for number in asked { client.end(number, .given) }
        client.renewInTime(1..<3)

        #expect(client.mistakes == [])
    }

    @Test("that was told that the session is over, and signs in")
    func signedOut() {
        var client = Client()
        client.signIn(1)
        client.wait(.seconds(290))
        client.renew(0, key: Client.key(0), .refused(400, error: "invalid_grant", reason: "idle_expired"))
        client.signIn(2, replacing: (1, 0))
        client.renewInTime(0..<2, of: 2)

        #expect(client.mistakes == [])
        #expect(client.judge.tally.signOuts == ["idle_expired": 1])
    }

    @Test("that signs itself out, also in the middle of trouble, and in again")
    func signsOut() {
        var client = Client()
        client.signIn(1)
        client.wait(.seconds(290))
        client.renew(0, key: Client.key(0), .lost)
        client.signOut(0)
        client.signIn(2)

        #expect(client.mistakes == [])
        #expect(client.judge.tally.signOutsByClient == 1)
    }

    @Test("that renews once after each 401, and does not send the token again")
    func rejected() {
        var client = Client()
        client.signIn()
        for generation in 0..<4 as Range<UInt32> {
            client.wait(.seconds(200))
            client.call(generation, rejected: true)
            client.renew(generation, key: Client.key(generation))
            client.call(generation + 1)
        }

        #expect(client.mistakes == [])
    }

    @Test("whatever happens to it: thirty random histories of thirty renewals")
    func random() {
        for seed in 1...30 as ClosedRange<UInt64> {
            var generator = SplitMix64(seed: seed)
            var client = Client()
            client.signIn()
            var generation: UInt32 = 0
            for _ in 0..<30 {
                client.wait(.seconds(Int.random(in: 280...100_000, using: &generator)))
                var isKnown = false
                var killings = 0
                while !isKnown {
                    switch generator.below(8) {
                    case 0: client.renew(generation, key: WatchedClient.key(generation), .lost)
                    case 1: client.renew(generation, key: WatchedClient.key(generation), .replaced(.portal))
                    case 2: client.renew(generation, key: WatchedClient.key(generation), .replaced(.status(503)))
                    case 3: client.renew(generation, key: WatchedClient.key(generation), .unreachable)
                    case 4:
                        // It gives up waiting, and the answer comes to nobody.
                        let number = client.ask(generation, key: WatchedClient.key(generation))
                        client.leave(number)
                        client.wait(.seconds(1))
                        client.end(number, .given)
                    case 5 where killings < 2:
                        client.renew(generation, key: WatchedClient.key(generation))
                        killings += 1
                    default:
                        client.renew(generation, key: WatchedClient.key(generation))
                        isKnown = true
                    }
                    client.wait(.seconds(1))
                }
                generation += 1
                client.call(generation)
            }

            #expect(client.mistakes == [], "seed \(seed): \(client.judge.findings.map(\.evidence))")
            #expect(client.judge.tally.answersLost == client.judge.tally.answersRecovered)
        }
    }
}
