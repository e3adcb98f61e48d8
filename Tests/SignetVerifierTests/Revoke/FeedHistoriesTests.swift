import HTTPTypes
import SignetTestKit
import Testing

@testable import SignetTokens
@testable import SignetVerifier

/// A reader and a server live through random trouble; whenever the reader says that it knows everything, it is held against a reference.
@Suite("The revocation feed through random histories", .timeLimit(.minutes(5)))
struct FeedHistoriesTests {
    @Test("once it is live again the reader refuses all that it must, and nothing that was never revoked")
    func histories() async throws {
        for seed in 0..<100 as Range<UInt64> {
            let history = FeedHistory(seed: seed)
            try await history.run(steps: 50)
        }
    }
}

private final class FeedHistory {
    private let seed: UInt64
    private var generator: SplitMix64
    private let clock = ManualClock()
    private let issuer = TestIssuer()
    private let server: FakeServer
    private let feed: FakeFeed
    private var verifier: AccessTokenVerifier
    private var service: Task<Void, any Error>

    /// Everything that was ever revoked, and when it is forgotten at the latest.
    private var everRevoked: [RevokedSubject: UnixTime?] = [:]
    /// What the reader knew when it last knew everything.
    private var known: [RevokedSubject: UnixTime?] = [:]
    private var keys: [SigningKey]
    private var subjects = 0
    private var steps: [String] = []

    init(seed: UInt64) {
        self.seed = seed
        generator = SplitMix64(seed: seed)
        let standby = SigningKey.seeded(1000)
        keys = [issuer.key, standby]
        server = FakeServer(.of(issuer.key, standby))
        feed = FakeFeed(issuer, clock, seed: seed)
        let verifier = AccessTokenVerifier.following(feed, server, clock, seed: seed)
        self.verifier = verifier
        service = Task { try await verifier.run() }
    }

    func run(steps count: Int) async throws {
        for _ in 0..<count {
            try await step()
            for _ in 0..<generator.below(30) { await Task.yield() }
        }
        try await meet()
        service.cancel()
        try await service.value
    }

    private func step() async throws {
        switch generator.below(29) {
        case 0..<8: note("revoke") { feed.append(revocation()) }
        case 8: note("repeat") { feed.sendAgain(generator.below(1000)) }
        case 9: note("break") { feed.disconnect() }
        case 10: note("end") { feed.disconnect(nil) }
        case 11: note("slow") { feed.isSlow = true }
        case 12: note("a few bytes") { feed.deliver(generator.below(3000)) }
        case 13: note("all") { setFast() }
        case 14: note("prune") { feed.prune() }
        case 15: note("restore") { feed.restore(without: generator.below(4)) }
        case 16: note("server away") { feed.status = generator.happens(onceIn: 2) ? nil : .serviceUnavailable }
        case 17: note("server back") { feed.status = .ok }
        case 18: note("keys away") { server.isReachable.toggle() }
        case 19: note("rotate") { for _ in 0...generator.below(2) { rotate() } }
        case 20: note("rotate too early") { rotateAheadOfPublication() }
        case 21: note("retire") { retire() }
        case 22: try await restartReader()
        case 23: note("cut") { feed.cutSlow() }
        case 24: note("stop") { feed.stop() }
        case 25..<28: note("time") { clock.advance(by: .milliseconds(generator.below(40_000))) }
        default: try await meet()
        }
    }

    private func note(_ name: String, _ act: () -> Void) {
        steps.append(name)
        act()
    }

    private func revocation() -> Revocation {
        subjects += 1
        // Sometimes one that was revoked before, to be remembered for another time.
        let number = generator.happens(onceIn: 3) ? 1 + generator.below(subjects) : subjects
        let subject: RevokedSubject =
            switch number % 3 {
            case 0: .session(.random(seededRandomBytes(UInt64(number))))
            case 1: .token("t\(number)")
            default: .client("c\(number)")
            }
        let memory = Duration.seconds(1 + generator.below(generator.happens(onceIn: 2) ? 20 : 3000))
        return remembered(.of(subject, at: clock.now, forgetAt: clock.now.advanced(by: memory)))
    }

    private func remembered(_ revocation: Revocation) -> Revocation {
        everRevoked[revocation.subject] = Self.later(everRevoked[revocation.subject], revocation.forgetAt)
        return revocation
    }

    private func setFast() {
        feed.isSlow = false
        feed.deliver()
    }

    /// The standby key signs from now on, and a new one is published beside it.
    private func rotate() {
        keys.append(SigningKey.seeded(seed << 16 | UInt64(keys.count)))
        server.publish(KeySet(keys.suffix(3).map(\.publicKey)))
        feed.key = keys[keys.count - 2]
    }

    /// The same, but where readers look for keys the new ones are not there yet: what is signed with them cannot be believed.
    private func rotateAheadOfPublication() {
        for _ in 0..<2 { keys.append(SigningKey.seeded(seed << 16 | UInt64(keys.count))) }
        feed.key = keys[keys.count - 2]
    }

    /// The key that signs is dropped as leaked.
    private func retire() {
        let leaked = feed.key.publicKey.keyID
        rotate()
        server.publish(KeySet(keys.suffix(2).map(\.publicKey)))
        feed.append(remembered(.of(.key(leaked), at: clock.now, forgetAt: .some(nil))))
    }

    private func restartReader() async throws {
        steps.append("restart reader")
        service.cancel()
        try await service.value
        known = [:]
        let verifier = AccessTokenVerifier.following(feed, server, clock, seed: seed)
        self.verifier = verifier
        service = Task { try await verifier.run() }
    }

    /// Takes all trouble away, lets the reader catch up, and looks at what it refuses.
    private func meet() async throws {
        steps.append("meet")
        server.isReachable = true
        server.publish(KeySet(keys.suffix(3).map(\.publicKey)))
        feed.status = .ok
        setFast()
        for revocation in feed.log { known[revocation.subject] = Self.later(known[revocation.subject], revocation.forgetAt) }

        var rounds = 0
        // Longer than any pause, and shorter than many entries matter: nothing is found by waiting until it is forgotten.
        let deadline = clock.now.advanced(by: .seconds(1500))
        while !(verifier.health == .current && feed.isIdle && misses.isEmpty) {
            rounds += 1
            guard rounds < 1_000_000, clock.now < deadline else {
                Issue.record("seed \(seed): the reader never learned of \(misses), and is \(verifier.health), after \(steps)")
                throw CancellationError()
            }
            // Time passes only while the reader waits for it: in a pause, or for more to come.
            if rounds % 20 == 0, clock.sleepers == 3, feed.isIdle || !feed.isConnected { clock.advance(by: .milliseconds(500)) }
            await Task.yield()
        }

        let now = clock.now
        let tooMuch = everRevoked.keys.filter { !Self.isLive(everRevoked[$0], at: now) && covers($0) }
        #expect(tooMuch.isEmpty, "seed \(seed): refused without reason: \(tooMuch) in \(steps)")
        #expect(!covers(.token("innocent")), "seed \(seed)")
    }

    private var misses: [RevokedSubject] {
        known.keys.filter { Self.isLive(known[$0], at: clock.now) && !covers($0) }
    }

    /// Whether a token is refused that only the revocation of `subject` would end.
    private func covers(_ subject: RevokedSubject) -> Bool {
        var token = issuer.claims(at: clock.now, tokenID: "none")
        token.clientID = "none"
        var keyID = "none"
        switch subject {
        case .session(let id): token.sessionID = id
        case .token(let id): token.tokenID = id
        case .client(let id): token.clientID = id
        case .key(let id): keyID = id
        }
        return verifier.revocations?.live.covers(VerifiedAccessToken(token: token, keyID: keyID), at: clock.now) ?? false
    }

    private static func later(_ left: UnixTime??, _ right: UnixTime?) -> UnixTime?? {
        guard let left else { return .some(right) }
        guard let left, let right else { return .some(nil) }
        return max(left, right)
    }

    private static func isLive(_ forgetAt: UnixTime??, at now: UnixTime) -> Bool {
        guard let forgetAt else { return false }
        return forgetAt.map { now < $0 } ?? true
    }
}
