import SignetTestKit
import SignetTokens
import Testing

@Suite("A refresh token has one spelling (REF-8, TRAP-6)")
struct RefreshTokenSpellingTests {
    private static let session = FreshSession()
    private static let text = session.token.text.reveal { String($0) }
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    @Test("119 characters, the prefix and the base64url of 85 bytes, and it is read back as the same token")
    func roundTrip() throws {
        let token = try #require(RefreshToken(parsing: Secret(Self.text)))

        #expect(Self.text.utf8.count == 119)
        #expect(Self.text.hasPrefix("sgr1_"))
        #expect(token.text.reveal { $0 == Self.text })
        #expect(token.isGenuine(under: Self.session.key))
        #expect(token.hash == Self.session.token.hash)
        #expect(token.userID == .ada)
        #expect(token.sessionID == .laptop)
        #expect(token.generation == 0)
        #expect(token.keyVersion == 1)
    }

    @Test("any other character in any of the 119 places is refused, or known not to be ours")
    func everyCharacter() {
        let characters = Array(Self.text.utf8)
        let others = Self.alphabet + Array("+/=. %\n\0".utf8)
        var accepted: [String] = []
        for place in characters.indices {
            for other in others where other != characters[place] {
                var changed = characters
                changed[place] = other
                if Self.isAccepted(changed) { accepted.append("\(other) in place \(place)") }
            }
        }

        #expect(accepted.isEmpty)
    }

    @Test("bytes that are not ASCII are refused in every place")
    func notASCII() {
        for place in 0..<119 {
            var changed = Array(Self.text)
            changed[place] = "é"
            #expect(RefreshToken(parsing: Secret(String(changed))) == nil)
        }
    }

    @Test("the fifteen other spellings of the last character's unused bits are refused, though a lenient decoder takes them")
    func trailingBits() throws {
        // 85 bytes leave one for the last two characters: four bits of the last one mean nothing.
        let last = try #require(Self.text.utf8.last)
        let value = try #require(Self.alphabet.firstIndex(of: last))

        #expect(value & 15 == 0)
        for bits in 1...15 {
            let other = Self.text.utf8.dropLast() + [Self.alphabet[value | bits]]
            #expect(RefreshToken(parsing: Secret(String(decoding: other, as: UTF8.self))) == nil)
        }
    }

    @Test(
        "whatever else stands for the same bytes elsewhere is refused",
        arguments: [
            { $0 + "=" }, { $0 + "==" }, { $0 + " " }, { " " + $0 }, { $0 + "\n" }, { $0 + "\r\n" }, { $0 + "\0" },
            { "\u{FEFF}" + $0 },
            { "SGR1_" + $0.dropFirst(5) }, { "Sgr1_" + $0.dropFirst(5) }, { "sgr2_" + $0.dropFirst(5) },
            { "sgr1-" + $0.dropFirst(5) },
            { String($0.dropFirst(5)) }, { String($0.dropLast()) }, { $0 + "A" }, { $0 + $0 }, { "\"" + $0 + "\"" },
            { "Bearer " + $0 },
            { $0.replacing("_", with: "%5F") }, { $0.replacing("sgr1_", with: "sgr1%5F") }, { $0.uppercased() },
            { $0.lowercased() },
            { _ in "" }, { _ in "sgr1_" }, { _ in String(repeating: "A", count: 119) },
        ] as [@Sendable (String) -> String]
    )
    func otherSpellings(_ change: @Sendable (String) -> String) {
        #expect(!Self.isAccepted(Array(change(Self.text).utf8)))
    }

    @Test("a very long text is refused without being decoded")
    func long() {
        #expect(RefreshToken(parsing: Secret(Self.text + String(repeating: "A", count: 1_000_000))) == nil)
    }

    @Test("every one of the 680 bits is covered: turned over, the token is not ours")
    func everyBit() throws {
        let bytes = try #require(Base64URL.decode(Array(Self.text.utf8.dropFirst(5))))
        #expect(bytes.count == 85)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                let token = try #require(RefreshToken(parsing: Secret("sgr1_" + Base64URL.string(changed))))
                #expect(!token.isGenuine(under: Self.session.key), "bit \(bit) of byte \(index)")
                // A version that was changed finds another key, and that one must not take it either.
                #expect(!token.isGenuine(under: .seeded(version: token.keyVersion)), "bit \(bit) of byte \(index)")
            }
        }
    }

    private static func isAccepted(_ text: [UInt8]) -> Bool {
        guard let text = String(validating: text, as: UTF8.self), let token = RefreshToken(parsing: Secret(text)) else {
            return false
        }
        return token.isGenuine(under: session.key)
    }
}
