import SignetTestKit
import SignetTokens
import Testing

@Suite("Proof key for a code exchange")
struct PKCETests {
    @Test("PKC-3: the challenge is RFC 7636's for RFC 7636's verifier (appendix B)")
    func published() {
        let verifier = CodeVerifier(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))

        #expect(verifier?.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test(
        "PKC-3: a verifier is 43 to 128 unreserved characters",
        arguments: [
            (String(repeating: "a", count: 42), false), (String(repeating: "a", count: 43), true),
            (String(repeating: "~", count: 128), true), (String(repeating: "a", count: 129), false),
            ("AZaz09-._~" + String(repeating: "b", count: 33), true), (String(repeating: "a", count: 42) + "=", false),
            (String(repeating: "a", count: 42) + " ", false), (String(repeating: "é", count: 43), false), ("", false),
        ])
    func grammar(text: String, isVerifier: Bool) {
        #expect((CodeVerifier(Secret(text)) != nil) == isVerifier)
    }

    @Test("each is made afresh, and can be read again")
    func random() {
        let randomBytes = seededRandomBytes(1)
        let verifiers = (0..<100).map { _ in CodeVerifier.random(randomBytes) }

        #expect(Set(verifiers.map(\.challenge)).count == 100)
        #expect(verifiers.allSatisfy { CodeVerifier($0.text)?.challenge == $0.challenge })
        #expect(verifiers.allSatisfy { $0.challenge.utf8.count == 43 })
    }
}
