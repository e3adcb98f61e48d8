import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("A new key")
struct SealKeysTests {
    /// Without the rule, a thousand keys would pass with a probability of 1 in 7 million.
    @Test("has an id that no command reads as a flag")
    func isAnArgument() throws {
        let seal = SealKeys(under: MasterKey(id: "a", material: Secret(Array(0..<32))), randomBytes: systemRandomBytes)

        for _ in 0..<1_000 {
            let key = try seal.newSigningKey(at: UnixTime(seconds: 1_800_000_000))
            #expect(!key.keyID.hasPrefix("-"))
        }
    }
}
