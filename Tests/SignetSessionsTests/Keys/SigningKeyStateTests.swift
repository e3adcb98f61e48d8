import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("What a signing key does at a moment (JWK-6)")
struct SigningKeyStateTests {
    private static let start = UnixTime.sometime

    /// A key that is named by a letter; moments are seconds after the start.
    private static func key(_ name: String, made: Int64 = 0, signs: Int64? = nil, revoked: Int64? = nil) -> SealedSigningKey {
        SealedSigningKey(
            keyID: name, algorithm: .es256, publicKey: [], sealed: [], masterKeyID: "m", createdAt: moment(made),
            activatesAt: signs.map(moment), revokedAt: revoked.map(moment))
    }

    private static func moment(_ seconds: Int64) -> UnixTime { start.advanced(by: .seconds(seconds)) }

    private static func states(_ keys: [SealedSigningKey], at seconds: Int64) -> [String] {
        keys.map { "\($0.keyID) \(keys.state(of: $0, at: moment(seconds)).name)" }
    }

    /// How long a key is published after it signed last, in seconds: an hour's token, five minutes of leeway, a minute for clocks.
    private static let farewell: Int64 = 3600 + 300 + 60

    @Test(
        "a rotation hands over at one instant, and the old key is published until its last token has expired",
        arguments: [
            (999, "A", ["A active", "B standby", "C standby"]), (1000, "B", ["A verifying", "B active", "C standby"]),
            (1000 + farewell - 1, "B", ["A verifying", "B active", "C standby"]),
            (1000 + farewell, "B", ["A retired", "B active", "C standby"]),
        ])
    func rotation(at seconds: Int64, active: String, states: [String]) {
        let keys = [Self.key("A", signs: 0), Self.key("B", signs: 1000), Self.key("C", made: 700)]

        #expect(keys.active(at: Self.moment(seconds))?.keyID == active)
        #expect(Self.states(keys, at: seconds) == states)
        #expect(keys.standby?.keyID == "C")
        #expect(keys.next(after: Self.moment(seconds))?.keyID == (seconds < 1000 ? "B" : nil))
    }

    @Test("a revoked key does nothing, whatever it did before, and the next one signs")
    func revoked() {
        let leaked = [Self.key("A", signs: 0, revoked: 500), Self.key("B", signs: 500), Self.key("C", made: 500)]
        let leakedLater = [Self.key("A", signs: 0, revoked: 2000), Self.key("B", signs: 1000), Self.key("C")]

        #expect(Self.states(leaked, at: 500) == ["A revoked", "B active", "C standby"])
        #expect(Self.states(leakedLater, at: 1500) == ["A revoked", "B active", "C standby"])
    }

    @Test("a key that was revoked before its turn takes nobody's place")
    func revokedBeforeItsTurn() {
        let keys = [Self.key("A", signs: 0), Self.key("B", signs: 1000, revoked: 600), Self.key("C", made: 600)]

        #expect(Self.states(keys, at: 999) == ["A active", "B revoked", "C standby"])
        #expect(Self.states(keys, at: 100_000) == ["A active", "B revoked", "C standby"])
        #expect(keys.next(after: Self.moment(700)) == nil)
    }

    @Test("a key that signed until it was revoked ended the turn of the one before")
    func revokedInItsTurn() {
        let keys = [
            Self.key("A", signs: 0), Self.key("B", signs: 1000, revoked: 1500), Self.key("C", made: 900, signs: 1500),
        ]

        #expect(Self.states(keys, at: 1600) == ["A verifying", "B revoked", "C active"])
        #expect(Self.states(keys, at: 1000 + Self.farewell) == ["A retired", "B revoked", "C active"])
    }

    @Test("at every moment exactly one key signs, and nothing changes between the moments that are announced")
    func randomHistories() {
        var choices = SplitMix64(seed: 20_261_125)
        for _ in 0..<2000 {
            var keys = [Self.key("A", signs: 0)]
            var now: Int64 = 0
            for number in 0..<Int.random(in: 1...6, using: &choices) {
                now += Int64.random(in: 0...3000, using: &choices)
                let start = now + Int64.random(in: 0...600, using: &choices)
                keys.append(Self.key("K\(number)", made: now, signs: start))
                if Bool.random(using: &choices), keys.count > 2 {
                    let leaked = Int.random(in: 1..<keys.count - 1, using: &choices)
                    keys[leaked].revokedAt = Self.moment(now)
                }
            }

            var moment = Self.moment(0)
            while let next = keys.nextChange(after: moment) {
                let last = next.advanced(by: .milliseconds(-1))
                #expect(keys.map { keys.state(of: $0, at: moment) } == keys.map { keys.state(of: $0, at: last) })
                #expect(
                    keys.filter { keys.state(of: $0, at: moment) == .active }.map(\.keyID) == [keys.active(at: moment)?.keyID])
                moment = next
            }
        }
    }
}
