import MetricsTestKit
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Remembering verified tokens")
struct VerifiedTokensTests {
    let clock = ManualClock()
    let issuer = TestIssuer()

    @Test("the second use of a token is a look-up")
    func secondUse() async throws {
        let metrics = TestMetrics()
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", keySet: issuer.keySet, clock: clock, metrics: metrics)
        let token = try issuer.token(at: clock.now)

        let first = try await verifier.verify(token)
        let second = try await verifier.verify(token)

        #expect(first == second)
        #expect(metrics.counterTotal(label: "signet_verifier_tokens", dimensions: [("outcome", "verified")]) == 1)
        #expect(metrics.counterTotal(label: "signet_verifier_tokens", dimensions: [("outcome", "remembered")]) == 1)
    }

    @Test("a remembered token is used until its expiry and the leeway, and not a millisecond longer", arguments: [0, 30, 300])
    func expiry(_ leeway: Int) async throws {
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier.asking(server, clock, leeway: .seconds(leeway))
        let token = try issuer.token(at: clock.now)
        _ = try await verifier.verify(token)

        clock.advance(by: .seconds(300 + leeway) - .milliseconds(1))
        #expect(try await verifier.verify(token).token.subject == "ada")

        clock.advance(by: .milliseconds(1))
        await #expect(throws: TokenError.expired) { try await verifier.verify(token) }
    }

    @Test("a remembered token is refused once the server has dropped its key")
    func keyRemoved() async throws {
        let server = FakeServer(issuer.keySet)
        let verifier = AccessTokenVerifier.asking(server, clock)
        let token = try issuer.token(at: clock.now.advanced(by: .seconds(250)))
        clock.advance(by: .seconds(230))
        _ = try await verifier.verify(token)
        server.publish(TestIssuer(seed: 2).keySet)
        clock.advance(by: .seconds(300))

        await #expect(throws: TokenError.unknownKey) { try await verifier.verify(token) }
    }

    @Test("a remembered token is refused once its kid names another key")
    func keyReplaced() async throws {
        let token = try issuer.token(at: clock.now)
        let verified = try AccessTokenRules(issuer: issuer.name, audiences: ["https://api.example.com"])
            .verify(token, with: issuer.keySet, now: clock.now)
        var impostor = TestIssuer(seed: 2).key.publicKey.jwk
        impostor["kid"] = .string(issuer.key.publicKey.keyID)
        let replaced = KeySet(try [#require(PublicKey(jwk: impostor))])
        let tokens = VerifiedTokens(capacity: 10, leeway: .zero)
        let hash = hash(1)
        tokens.remember(verified, hash, at: clock.now, with: held(issuer.keySet))

        #expect(tokens.token(hash, at: clock.now, with: held(issuer.keySet)) != nil)
        #expect(tokens.token(hash, at: clock.now, with: held(replaced)) == nil)
    }

    @Test("a clock that was set back before the verification makes it look again")
    func clockSetBack() async throws {
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", keySet: issuer.keySet, clock: clock)
        let token = try issuer.token(at: clock.now)
        _ = try await verifier.verify(token)
        clock.advance(by: .seconds(-31))

        await #expect(throws: TokenError.notYetValid) { try await verifier.verify(token) }
    }

    @Test("never more are remembered than was said", arguments: [0, 1, 2, 3, 10, 11])
    func bounded(_ capacity: Int) throws {
        let tokens = VerifiedTokens(capacity: capacity, leeway: .zero)
        let verified = try verified()
        let keys = held(issuer.keySet)

        var most = 0
        for number in 0..<1000 {
            tokens.remember(verified, hash(number), at: clock.now, with: keys)
            // Looking up is what moves a token into the newer half.
            _ = tokens.token(hash(number / 2), at: clock.now, with: keys)
            _ = tokens.token(hash(0), at: clock.now, with: keys)
            most = max(most, tokens.count)
        }

        #expect(most <= capacity)
        #expect(most > capacity / 2 || capacity == 0)
    }

    @Test("a token in steady use stays remembered while others pass by")
    func recentlyUsedStays() throws {
        let tokens = VerifiedTokens(capacity: 10, leeway: .zero)
        let verified = try verified()
        let keys = held(issuer.keySet)
        tokens.remember(verified, hash(0), at: clock.now, with: keys)

        for number in 1..<1000 {
            tokens.remember(verified, hash(number), at: clock.now, with: keys)
            #expect(tokens.token(hash(0), at: clock.now, with: keys) != nil)
        }
    }

    @Test("the other spelling of an ECDSA signature is accepted like the first, and so is the first after it, TRAP-5")
    func malleable() async throws {
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", keySet: issuer.keySet, clock: clock)
        let token = try issuer.token(at: clock.now)
        let spelling = token.reveal { otherSpelling(of: $0) }
        let twin = Secret(try #require(spelling))

        let answers = [try await verifier.verify(twin), try await verifier.verify(token), try await verifier.verify(twin)]

        #expect(Set(answers).count == 1)
    }

    /// The same token with (r, n - s) for (r, s).
    private func otherSpelling(of token: String) -> String? {
        let order: [UInt8] = [
            0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
        ]
        let parts = token.split(separator: ".")
        guard parts.count == 3, let signature = Base64URL.decode(parts[2].utf8), signature.count == 64 else { return nil }
        var difference = [UInt8](repeating: 0, count: 32)
        var borrow = 0
        for index in (0..<32).reversed() {
            let digit = Int(order[index]) - Int(signature[32 + index]) - borrow
            borrow = digit < 0 ? 1 : 0
            difference[index] = UInt8(truncatingIfNeeded: digit)
        }
        return "\(parts[0]).\(parts[1])." + Base64URL.string(signature.prefix(32) + difference)
    }

    private func verified() throws -> VerifiedAccessToken {
        try AccessTokenRules(issuer: issuer.name, audiences: ["https://api.example.com"])
            .verify(try issuer.token(at: clock.now), with: issuer.keySet, now: clock.now)
    }

    private func held(_ keySet: KeySet) -> HeldKeys {
        HeldKeys(keySet, generation: 1, fetchedAt: clock.now, lifetime: .seconds(300))
    }

    private func hash(_ number: Int) -> VerifiedTokens.Hash {
        VerifiedTokens.Hash(of: "\(number)".utf8)
    }
}
