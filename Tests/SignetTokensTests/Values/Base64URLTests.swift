import Foundation
import SignetTestKit
import SignetTokens
import Testing

@Suite("Base64url (RFC 4648, section 5)")
struct Base64URLTests {
    @Test(
        "the published examples, without padding (RFC 4648, section 10; RFC 7515, appendix C)",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
            ("\u{3}\u{6C}\u{7F}", "A2x_"), ("~~~???", "fn5-Pz8_"),
        ]
    )
    func published(_ text: String, encoded: String) {
        #expect(Base64URL.string(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(Array(encoded.utf8)) == Array(text.utf8))
    }

    @Test(
        "another spelling is refused (TRAP-6)",
        arguments: [
            "Zg==", "Zg=", "Zm8=", "Zm9v=", "=", "Zh", "Zi", "Zv", "Z", "Zm9vY", "Zm9", "Zm8\n", " Zm8", "Zm 8", "Zm\r\n8A",
            "A2x/", "fn5+Pz8/", "%5A", "Zé", "Zg.",
            "Zg\0\0", "Ａ",
        ]
    )
    func refused(_ text: String) {
        #expect(Base64URL.decode(Array(text.utf8)) == nil)
    }

    @Test("of all texts of two and of three characters, exactly one spells each value")
    func oneSpelling() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var accepted = 0
        for first in alphabet {
            for second in alphabet {
                guard let bytes = Base64URL.decode([first, second]) else { continue }
                accepted += 1
                #expect(Base64URL.encode(bytes) == [first, second])
            }
        }
        #expect(accepted == 256)

        let endings = alphabet.filter { Base64URL.decode([alphabet[0], alphabet[0], $0]) != nil }
        #expect(endings.count == 16)
    }

    @Test("only the 64 characters are of the alphabet")
    func alphabet() {
        let accepted = (UInt8.min ... .max).filter { Base64URL.decode([65, 65, 65, $0]) != nil }

        #expect(accepted.count == 64)
    }

    @Test("two thousand random values come back, and Foundation agrees about them")
    func roundTrip() {
        var random = SplitMix64(seed: 5)
        for length in 0..<2000 {
            let bytes = random.bytes(length % 200)
            let text = Base64URL.string(bytes)
            #expect(Base64URL.decode(Array(text.utf8)) == bytes)

            let foundations = Data(bytes).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(text == foundations)
        }
    }

    @Test("twenty thousand mutated texts are refused, or spelled just as they would be written")
    func mutations() {
        var random = SplitMix64(seed: 6)
        for number in 0..<20_000 {
            let text = Mutation.of(Base64URL.encode(random.bytes(1 + number % 40)), &random)
            guard let bytes = Base64URL.decode(text) else { continue }
            #expect(Base64URL.encode(bytes) == text, "mutation \(number)")
        }
    }
}
