import SignetTokens
import Testing

@Suite("Scopes (TOK-8)")
struct ScopeTests {
    @Test("order and duplicates carry no meaning")
    func set() throws {
        let text = "b a b"
        let nothing = ""

        #expect(Scope(text) == "a b")
        #expect(Scope(text)?.description == "a b")
        #expect(Scope(nothing) == Scope.none)
    }

    @Test("every character of the grammar, and no other, makes a scope token")
    func characters() {
        for code in UInt8.min...0x7F {
            let text = "x" + String(Unicode.Scalar(code))
            let isAllowed = code == 0x21 || (0x23...0x5B).contains(code) || (0x5D...0x7E).contains(code)
            #expect((Scope(text) != nil) == isAllowed, "character \(code)")
        }
    }

    @Test(
        "what breaks the grammar is refused",
        arguments: [" ", " a", "a ", "a  b", "a\tb", "a\nb", "é", "a\"b", "a\\b", "a\u{A0}b", "\0"])
    func refused(_ text: String) {
        #expect(Scope(text) == nil)
    }

    @Test("tokens are compared whole and with case")
    func comparison() {
        let granted: Scope = "notes:read notes:write"

        #expect(("notes:read" as Scope).isSubset(of: granted))
        #expect(Scope.none.isSubset(of: granted))
        #expect(!("notes" as Scope).isSubset(of: granted))
        #expect(!("Notes:read" as Scope).isSubset(of: granted))
        #expect(!granted.isSubset(of: "notes:read"))
        #expect(granted.intersection("notes:read admin") == "notes:read")
        #expect(granted.filter { $0.hasSuffix("write") } == "notes:write")
        #expect(granted.contains("notes:read"))
    }
}
