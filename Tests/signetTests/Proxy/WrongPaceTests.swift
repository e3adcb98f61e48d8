import Testing

@testable import signet

@Suite("The proxy finds what is wrong with a client's pace, and with what it believes")
struct WrongPaceTests {
    private typealias Client = WatchedClient

    private static let busy = Client.Result.refused(503, error: "temporarily_unavailable", retryAfter: 2)

    /// A client whose access token is about to expire.
    private var client: Client {
        var client = Client()
        client.signIn()
        client.wait(.seconds(290))
        return client
    }

    @Test("asking before Retry-After has passed, twice in a row", arguments: [(1790, true), (1810, false)])
    func tooSoon(pause: Int, isMistake: Bool) {
        var client = client
        client.renew(0, key: Client.key(0), Self.busy)
        client.wait(.milliseconds(pause))
        client.renew(0, key: Client.key(0), Self.busy)
        #expect(client.mistakes == [])

        client.wait(.milliseconds(pause))
        client.renew(0, key: Client.key(0))
        #expect(client.mistakes == (isMistake ? [.tooSoon] : []))
    }

    @Test("what a gateway says of Retry-After counts as well")
    func tooSoonAfterGateway() {
        var client = client
        for _ in 1...3 { client.renew(0, key: Client.key(0), .replaced(.status(429))) }

        #expect(client.mistakes == [.tooSoon])
    }

    @Test("a client that waits in between has not asked too soon twice in a row")
    func tooSoonOnce() {
        var client = client
        for pause in [0, 2, 0, 2] {
            client.renew(0, key: Client.key(0), Self.busy)
            client.wait(.seconds(pause))
        }

        #expect(client.mistakes == [])
    }

    @Test("asking again and again without a pause", arguments: [(199, true), (201, false)])
    func hurry(pause: Int, isMistake: Bool) {
        var client = client
        for _ in 1...6 {
            client.renew(0, key: Client.key(0), .lost)
            client.wait(.milliseconds(pause))
        }

        #expect(client.mistakes == (isMistake ? [.hurry] : []))
    }

    @Test("renewing again and again although the access token is fresh", arguments: [(149, true), (150, false)])
    func needless(age: Int, isMistake: Bool) {
        var client = Client()
        client.signIn()
        for generation in 0..<5 as Range<UInt32> {
            #expect(client.mistakes == [])
            client.wait(.seconds(age))
            client.renew(generation, key: Client.key(generation))
        }

        #expect(client.mistakes == (isMistake ? [.needless] : []))
    }

    @Test("repeats of one renewal are no needless ones, and one in time begins the count anew")
    func notNeedless() {
        var client = Client()
        client.signIn()
        client.renew(0, key: Client.key(0), .lost)
        for _ in 1...5 {
            client.wait(.seconds(1))
            client.renew(0, key: Client.key(0), .lost)
        }
        client.renew(0, key: Client.key(0))
        for generation in 1..<4 as Range<UInt32> { client.renew(generation, key: Client.key(generation)) }
        client.renewInTime(4..<5)
        for generation in 5..<9 as Range<UInt32> { client.renew(generation, key: Client.key(generation)) }

        #expect(client.mistakes == [])
    }

    @Test(
        "signing in again although nobody said that the session is over",
        arguments: [.lost, .replaced(.portal), .replaced(.status(503)), .replaced(.redirect), .unreachable] as [Client.Result])
    fileprivate func signedInAgain(result: WatchedClient.Result) {
        var client = client
        client.renew(0, key: Client.key(0), result)
        client.signIn(2, device: "lamp")

        #expect(client.mistakes == [.signedInAgain])
        #expect(client.judge.findings.first?.requests == [client.number - 1, client.number])
        #expect(client.judge.findings.first?.generation == 0)
    }

    @Test("presenting the old token with the sign-in does not make it better")
    func replaced() {
        var client = client
        client.renew(0, key: Client.key(0), .lost)
        client.signIn(2, device: "other", replacing: (1, 0))

        #expect(client.mistakes == [.signedInAgain])
    }

    @Test("another device that signs in has nothing to do with it, nor has a session that goes on")
    func otherDevice() {
        var client = Client()
        client.signIn(1, device: "phone")
        client.wait(.seconds(290))
        client.renew(0, key: Client.key(0), .lost)
        client.signIn(2, device: "laptop")
        client.renew(0, key: Client.key(0))
        client.signIn(3, device: "phone")

        #expect(client.mistakes == [])
    }

    @Test("an access token that had expired by two seconds", arguments: [(301, false), (302, true)])
    func expired(age: Int, isMistake: Bool) {
        var client = Client()
        client.signIn()
        client.wait(.seconds(age))
        client.call(0)

        #expect(client.mistakes == (isMistake ? [.expiredToken] : []))
    }

    @Test("an access token three times after its 401", arguments: [(2, false), (3, true)])
    func rejected(calls: Int, isMistake: Bool) {
        var client = Client()
        client.signIn()
        client.call(0, rejected: true)
        for _ in 1...calls { client.call(0, rejected: true) }

        #expect(client.mistakes == (isMistake ? [.rejectedToken] : []))
    }

    @Test("a gateway's 401 says nothing about the token")
    func rejectedByGateway() {
        var client = Client()
        client.signIn()
        for _ in 1...5 { client.call(0, faked: .status(401)) }

        #expect(client.mistakes == [])
    }
}
