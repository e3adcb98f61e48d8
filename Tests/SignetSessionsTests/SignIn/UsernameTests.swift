import SignetSessions
import Testing

@Suite("A user's name")
struct UsernameTests {
    @Test("is one and the same in any case and composition")
    func key() throws {
        let names = ["Zoë", "ZOË", "zoe\u{308}"]

        #expect(try Set(names.map { try #require(Username($0)).key }).count == 1)
        #expect(Username("Zoe")?.key != Username("Zoë")?.key)
    }

    @Test(
        "has 1 to 128 characters, no control characters and no spaces at its ends",
        arguments: [
            ("a", true), ("Ada Lovelace", true), ("ada@example.com", true), ("", false), (" ada", false), ("ada\n", false),
            ("a\u{0}b", false), ("a\tb", false), (String(repeating: "a", count: 128), true),
            (String(repeating: "a", count: 129), false),
        ])
    func form(text: String, isName: Bool) {
        #expect((Username(text) != nil) == isName)
    }
}
