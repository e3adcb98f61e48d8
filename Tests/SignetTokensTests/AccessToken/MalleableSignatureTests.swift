import SignetTestKit
import SignetTokens
import Testing

@Suite("ECDSA is malleable (TRAP-5)")
struct MalleableSignatureTests {
    @Test("(r, n-s) is a second text of one token: it verifies too, and everything a revocation names is the same")
    func secondText() throws {
        let forge = Forge()
        let (r, s) = try forge.parts()
        let original = try forge.verify(forge.raw(signature: r + s))

        let other = try forge.verify(forge.raw(signature: r + Self.difference(Forge.order, s)))

        #expect(other == original)
        #expect(other.token.tokenID == original.token.tokenID)
        #expect(other.token.sessionID == original.token.sessionID)
        #expect(other.keyID == original.keyID)
    }

    /// `minuend` - `subtrahend`, both 32 octets, the first the larger.
    private static func difference(_ minuend: [UInt8], _ subtrahend: [UInt8]) -> [UInt8] {
        var borrow = 0
        let digits = zip(minuend, subtrahend).reversed().map { left, right in
            let digit = Int(left) - Int(right) - borrow
            borrow = digit < 0 ? 1 : 0
            return UInt8(truncatingIfNeeded: digit)
        }
        return digits.reversed()
    }
}
