import SignetTokens
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test("say nothing, however they are printed")
    func silent() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump((secret, [secret]), to: &dumped)

        #expect("\(secret)" == "[secret]")
        #expect(String(reflecting: secret) == "[secret]")
        #expect("\([secret])" == "[[secret]]")
        #expect(!dumped.contains("hunter2"))
    }

    @Test("hand their value out where they are asked to")
    func reveal() {
        #expect(Secret([1, 2, 3]).reveal { $0.count } == 3)
    }

    @Test("equal bytes are equal, and others are not, wherever they differ")
    func constantTime() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        for place in 0..<3 {
            for bit in 0..<8 {
                var other: [UInt8] = [1, 2, 3]
                other[place] ^= 1 << UInt8(bit)
                #expect(!constantTimeEqual([1, 2, 3], other))
            }
        }
    }
}
