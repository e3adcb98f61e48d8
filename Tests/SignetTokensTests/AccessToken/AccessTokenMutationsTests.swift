import SignetTestKit
import SignetTokens
import Testing

@Suite("Mutated tokens")
struct AccessTokenMutationsTests {
    @Test("twenty thousand mutations of an access token: none traps, none passes")
    func accessTokens() throws {
        let forge = Forge()
        let original = Array(try forge.text().utf8)
        var random = SplitMix64(seed: 11)
        var passed: [Int] = []
        for number in 0..<20_000 {
            let bytes = Mutation.of(original, &random)
            guard bytes != original, let text = String(validating: bytes, as: UTF8.self) else { continue }
            if forge.refusal(of: text) == nil { passed.append(number) }
        }

        #expect(passed.isEmpty)
    }

    @Test("two thousand rightly signed tokens with mutated claims are read or refused, and never trap")
    func signed() throws {
        let forge = Forge()
        let claims = JSONValue.object(forge.claims).bytes
        var random = SplitMix64(seed: 12)
        var refusals: [TokenError?: Int] = [:]
        for _ in 0..<2000 {
            let text = try forge.raw(payload: Mutation.of(claims, &random) + [UInt8](repeating: 0x20, count: 1))
            refusals[forge.refusal(of: text), default: 0] += 1
        }

        #expect(refusals[.malformed, default: 0] > 500)
        #expect(refusals[nil, default: 0] > 0)
    }

    @Test("twenty thousand mutations of a refresh token: none traps, none is genuine")
    func refreshTokens() {
        let session = FreshSession()
        let original = session.token.text.reveal { Array($0.utf8) }
        var random = SplitMix64(seed: 13)
        var passed = 0
        for _ in 0..<20_000 {
            let bytes = Mutation.of(original, &random)
            guard bytes != original, let text = String(validating: bytes, as: UTF8.self),
                let token = RefreshToken(parsing: Secret(text))
            else { continue }
            if token.isGenuine(under: session.key) { passed += 1 }
            _ = token.successor(under: session.key, salt: session.salt)
        }

        #expect(passed == 0)
    }
}
