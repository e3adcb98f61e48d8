import SignetTestKit
import SignetTokens
import Testing

@Suite("PyJWT agrees")
struct PyJWTJudgeTests {
    @Test("it reads three thousand random tokens made here, from the keys published here")
    func readsOurs() throws {
        let signers = [SigningKey.seeded(1), .seeded(2, .edDSA)]
        var random = SplitMix64(seed: 31)
        let tokens = (0..<3000).map { _ in AccessToken.random(&random) }
        let texts = try tokens.enumerated().map { number, token in
            try token.signed(with: signers[number % 2]).reveal { JSONValue.string(String($0)) }
        }

        let answers = try PyJWT.answers(to: [
            "read": [
                "jwks": KeySet(signers.map(\.publicKey)).json, "issuer": "https://id.example.com",
                "audience": "https://api.example.com", "tokens": .array(texts),
            ]
        ])

        try #require(answers.count == tokens.count)
        for (number, (answer, token)) in zip(answers, tokens).enumerated() {
            #expect(answer == token.claims, "token \(number)")
        }
    }

    @Test("it refuses what we refuse: three hundred tokens with one bit turned over")
    func refusesForgeries() throws {
        let forge = Forge()
        var random = SplitMix64(seed: 33)
        let texts = try (0..<300).map { _ in
            var signature = try forge.signature()
            signature[random.below(64)] ^= 1 << UInt8(random.below(8))
            return forge.raw(signature: signature)
        }

        let answers = try PyJWT.answers(to: [
            "read": [
                "jwks": forge.keys.json, "issuer": "https://id.example.com", "audience": "https://api.example.com",
                "tokens": .array(texts.map(JSONValue.string)),
            ]
        ])

        #expect(answers.count == 300)
        #expect(answers.allSatisfy { $0["refused"] == "InvalidSignatureError" })
        #expect(texts.allSatisfy { forge.refusal(of: $0) == .badSignature })
    }

    @Test("it makes three thousand random tokens under ES256, EdDSA and RS256, and they are read here")
    func makesTheirs() throws {
        let answers = try PyJWT.answers(to: [
            "make": [
                "algorithms": ["ES256", "EdDSA", "RS256"], "count": 3000, "seed": 32, "issuer": "https://id.example.com",
                "audience": "https://api.example.com", "now": .integer(UnixTime.sometime.seconds),
            ]
        ])

        let published = try #require(answers.first)
        let keys = try #require(KeySet(parsing: JSONValue.object(published).bytes))
        #expect(keys.keys.map(\.algorithm) == [.es256, .edDSA, .rs256])
        try #require(answers.count == 3001)
        for (number, answer) in answers.dropFirst().enumerated() {
            let text = try #require(answer["token"]?.string)
            let claims = try #require(answer["claims"]?.object)

            let verified = try AccessTokenRules.example().verify(Secret(text), with: keys, now: .sometime)

            #expect(verified.token == AccessToken(claims: claims), "token \(number)")
            #expect(verified.token.subject == claims["sub"]?.string, "token \(number)")
            #expect(verified.token.roles == claims["roles"]?.strings ?? [], "token \(number)")
        }
    }
}
