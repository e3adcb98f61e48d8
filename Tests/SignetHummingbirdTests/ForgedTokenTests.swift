import SignetTestKit
import SignetTokens
import SignetVerifier
import Testing

@Suite("Refusing forged tokens")
struct ForgedTokenTests {
    let api = Guarded()

    @Test("more than sixty forged and malformed tokens each get 401 invalid_token, and the good one passes")
    func forged() async throws {
        let forged = try Forger(issuer: api.issuer, now: api.clock.now).all()
        let good = try api.issuer.token(at: api.clock.now)

        #expect(forged.count >= 60)
        #expect(Set(forged.map(\.text)).count == forged.count)
        for token in forged {
            let answer = try await api.answer(["Bearer " + token.text])
            #expect(answer.status == 401, "\(token.testDescription)")
            #expect(answer.challenge?.contains(#"error="invalid_token""#) == true, "\(token.testDescription)")
            #expect(answer.contentType == "application/problem+json")
        }
        #expect(try await api.answer(["Bearer " + good.reveal { String($0) }]).status == 200)
    }

    @Test("twenty thousand random mutations of a token never pass, and never give a 5xx")
    func mutations() async throws {
        let good = try api.issuer.token(at: api.clock.now).reveal { Array($0.utf8) }
        let seed: UInt64 = 20_240_607
        var generator = SplitMix64(seed: seed)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ,\"é".utf8)

        for round in 0..<20_000 {
            var text = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !text.isEmpty {
                let index = Int.random(in: 0..<text.count, using: &generator)
                let character = alphabet.randomElement(using: &generator) ?? 0x2E
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: text[index] = character
                case 1: text.remove(at: index)
                case 2: text.insert(character, at: index)
                default: text.removeSubrange(index...)
                }
            }
            guard text != good, let token = String(validating: text, as: UTF8.self) else { continue }

            let error = await #expect(throws: TokenError.self, "seed \(seed), round \(round)") {
                try await api.verifier.verify(Secret(token))
            }
            guard error != nil, round % 20 == 0 else { continue }
            let status = try await api.answer(["Bearer " + token]).status
            #expect(status == 401 || status == 400, "seed \(seed), round \(round)")
        }
    }
}
