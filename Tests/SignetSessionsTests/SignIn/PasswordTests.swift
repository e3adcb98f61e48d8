import SignetTokens
import Testing

@testable import SignetSessions

@Suite("A password")
struct PasswordTests {
    @Test("is offered with 1 to 1024 bytes", arguments: [(0, false), (1, true), (1024, true), (1025, false)])
    func offered(length: Int, isPassword: Bool) {
        #expect((Password(offered: Secret(String(repeating: "x", count: length))) != nil) == isPassword)
    }

    @Test("is counted in code points when it is chosen", arguments: ["x", "é", "🐎"])
    func chosenLength(character: String) throws {
        #expect(throws: PasswordRefusal.tooShort(15)) {
            try Password(choosing: Secret(String(repeating: character, count: 14)), minimumLength: 15)
        }
        _ = try Password(choosing: Secret(String(repeating: character, count: 15)), minimumLength: 15)
    }

    @Test("is not chosen longer than 1024 bytes")
    func chosenTooLong() throws {
        _ = try Password(choosing: Secret(String(repeating: "é", count: 512)), minimumLength: 15)

        #expect(throws: PasswordRefusal.tooLong) {
            try Password(choosing: Secret(String(repeating: "é", count: 512) + "x"), minimumLength: 15)
        }
    }

    @Test("is composed once, and otherwise taken as it is")
    func composed() throws {
        let decomposed = try #require(Password(offered: Secret("  open-sesame Cafe\u{301} \u{FB01} ÄPFEL  ")))

        let bytes = decomposed.text.reveal { Array($0.utf8) }
        #expect(bytes == Array("  open-sesame Caf\u{E9} \u{FB01} \u{C4}PFEL  ".utf8))
    }

    @Test("needs no digits, capitals or signs")
    func anyCharacters() throws {
        _ = try Password(choosing: Secret(String(repeating: "a", count: 15)), minimumLength: 15)
        _ = try Password(choosing: Secret(String(repeating: " ", count: 15)), minimumLength: 15)
    }
}
