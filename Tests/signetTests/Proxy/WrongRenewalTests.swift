import Testing

@testable import signet

@Suite("The proxy finds what a client does wrong when it renews")
struct WrongRenewalTests {
    private typealias Client = WatchedClient

    /// A client whose access token is about to expire.
    private var client: Client {
        var client = Client()
        client.signIn()
        client.wait(.seconds(290))
        return client
    }

    @Test("no key, in the header or in the form")
    func keyless() {
        var client = client
        client.end(client.ask(0, key: Client.key(0), inField: true), .given)
        #expect(client.mistakes == [])

        client.wait(.seconds(290))
        client.renew(1, key: nil)

        #expect(client.mistakes == [.keyless])
        #expect(client.judge.findings.first?.requests == [client.number])
        #expect(client.judge.findings.first?.generation == 1)
    }

    @Test(
        "a key that the server cannot take",
        arguments: [("short", true), ("the-key-of-22-characters", false), ("\"quoted-22-characters---\"", false)])
    func malformed(key: String, isMistake: Bool) {
        var client = client
        client.renew(0, key: key)

        #expect(client.mistakes == (isMistake ? [.malformedKey] : []))
    }

    @Test(
        "another key for the repeat of a renewal, whatever came instead of an answer",
        arguments: [
            .lost, .replaced(.portal), .replaced(.status(503)), .unreachable,
            .refused(503, error: "temporarily_unavailable"),
        ] as [Client.Result])
    fileprivate func otherKey(result: WatchedClient.Result) {
        var client = client
        client.renew(0, key: Client.key(0), result)
        client.wait(.seconds(2))
        client.renew(0, key: Client.key(99))

        #expect(client.mistakes == [.otherKey])
        #expect(client.judge.findings.first?.requests == [client.number - 1, client.number])
        #expect(client.judge.tally.repeatsWithOtherKey == 1)
    }

    @Test("a key that only one of both has is another key")
    func oneKeyless() {
        var client = Client(allowing: [.keyless])
        client.signIn()
        client.renew(0, key: nil, .lost)
        client.renew(0, key: Client.key(0))
        #expect(client.mistakes == [.otherKey])

        client.renew(1, key: Client.key(1), .lost)
        client.renew(1, key: nil)
        #expect(client.mistakes == [.otherKey])
        #expect(client.judge.findings.first?.count == 2)
    }

    @Test("without keys a repeat is no other key")
    func bothKeyless() {
        var client = Client(allowing: [.keyless])
        client.signIn()
        client.renew(0, key: nil, .lost)
        client.renew(0, key: nil)

        #expect(client.mistakes == [])
        #expect(client.judge.tally.repeatsWithoutKey == 1)
    }

    @Test("the key of an older token with a newer one")
    func keyOfOlderToken() {
        var client = client
        client.renew(0, key: Client.key(0))
        client.wait(.seconds(290))
        client.renew(1, key: Client.key(0))

        #expect(client.mistakes == [.keyOfOlderToken])
        #expect(client.judge.findings.first?.requests == [client.number - 1, client.number])
    }

    @Test("two different renewals of one token at the same time")
    func twoAtOnce() {
        var client = client
        let first = client.ask(0, key: Client.key(0))
        let second = client.ask(0, key: Client.key(99))
        client.end(first, .given)
        client.end(second, .refused(503, error: "temporarily_unavailable", reason: "raced", retryAfter: 1))

        #expect(client.mistakes == [.twoAtOnce])
        #expect(client.judge.findings.first?.requests == [first, second])
    }

    @Test("two at the same time without keys cannot be told from one another either")
    func twoKeylessAtOnce() {
        var client = Client(allowing: [.keyless])
        client.signIn()
        let asked = [client.ask(0, key: nil), client.ask(0, key: nil)]
        for number in asked { client.end(number, .given) }

        #expect(client.mistakes == [.twoAtOnce])
    }

    @Test("whoever has given up the first renewal has not two at the same time")
    func hasLeft() {
        var client = client
        let first = client.ask(0, key: Client.key(0))
        client.leave(first)
        client.renew(0, key: Client.key(0))
        client.end(first, .given)
        #expect(client.mistakes == [])

        let second = client.ask(1, key: Client.key(1))
        client.leave(second)
        client.ask(1, key: Client.key(99))
        #expect(client.mistakes == [.otherKey])
    }

    @Test("a spent token, when the client has been given the successor", arguments: [Client.key(99), nil])
    func spentToken(key: String?) {
        var client = Client(allowing: [.keyless])
        client.signIn()
        client.renew(0, key: Client.key(0))
        client.renew(0, key: key, .refused(400, error: "invalid_grant", reason: "reused"))

        #expect(client.mistakes == [.spentToken])
        #expect(client.judge.tally.signOuts == ["reused": 1])
    }

    @Test("a spent token of two generations ago, with its own key too")
    func longSpentToken() {
        var client = client
        client.renew(0, key: Client.key(0))
        client.renewInTime(1..<2)
        client.renew(0, key: Client.key(0), .refused(400, error: "invalid_grant", reason: "reused"))

        #expect(client.mistakes == [.spentToken])
    }

    @Test("a token whose successor never reached the client is not spent for it")
    func notSpent() {
        var client = client
        client.renew(0, key: Client.key(0), .lost)
        client.renew(0, key: Client.key(99), .refused(400, error: "invalid_grant", reason: "reused"))

        #expect(client.mistakes == [.otherKey])
    }

    @Test("a successor that is asked for again and again is not stored")
    func neverStored() {
        var client = client
        for _ in 1...3 { client.renew(0, key: Client.key(0)) }
        #expect(client.mistakes == [])

        client.renew(0, key: Client.key(0))
        #expect(client.mistakes == [.neverStored])
    }

    @Test("a token after invalid_grant, and not one whose refusal was lost")
    func deadToken() {
        var client = client
        let refusal = Client.Result.refused(400, error: "invalid_grant", reason: "revoked_by_user")
        let first = client.ask(0, key: Client.key(0))
        client.leave(first)
        client.end(first, refusal)
        client.renew(0, key: Client.key(0), refusal)
        #expect(client.mistakes == [])
        #expect(client.judge.tally.signOuts == ["revoked_by_user": 1])

        client.renew(0, key: Client.key(0), refusal)
        #expect(client.mistakes == [.deadToken])
        #expect(client.judge.findings.first?.requests == [client.number - 1, client.number])
    }

    @Test("a mistake of a session is found once, and counted")
    func counts() {
        var client = client
        for generation in 0..<20 as Range<UInt32> {
            client.renew(generation, key: nil)
            client.wait(.seconds(290))
        }
        client.renew(0, key: nil, of: 2)

        #expect(client.mistakes == [.keyless, .keyless])
        #expect(client.judge.findings[0].count == 20)
        #expect(client.judge.findings[0].requests.count == Finding.requestLimit)
        #expect(client.judge.findings[0].sessionID != client.judge.findings[1].sessionID)
    }
}
