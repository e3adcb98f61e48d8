import SignetTestKit
import SignetTokens
import Testing

@Suite("An Authorization field (RFC 6750, section 2.1)")
struct BearerFieldTests {
    @Test(
        "holds a bearer token behind its scheme, in any case, and any number of spaces",
        arguments: [
            ("Bearer a", "a"), ("bearer abc", "abc"), ("BEARER   abc", "abc"), ("Bearer aZ09-._~+/==", "aZ09-._~+/=="),
            ("Bearer /=", "/="),
        ])
    func holdsToken(value: String, token: String) {
        #expect(read(value) == "token \(token)")
    }

    @Test(
        "whose token is missing, doubled or not of its characters is malformed",
        arguments: [
            "Bearer", "Bearer ", "Bearer    ", "Bearer a b", "Bearer a ", "Bearer =", "Bearer a=b", "Bearer a,b", "Bearer \"a\"",
            "Bearer a\tb", "Bearer \ta", "Bearer \u{E9}", "Bearer token=\"a\"",
        ])
    func malformedToken(value: String) {
        #expect(read(value) == "malformed token")
    }

    @Test("of another scheme is no bearer token", arguments: ["Basic YTpi", "DPoP a", "Bearers a", "Bearer! a", "a"])
    func otherScheme(value: String) {
        #expect(read(value) == "other scheme")
    }

    @Test(
        "that does not begin with a scheme is none of these",
        arguments: ["", " ", " Bearer a", "Bearer\ta", "Be(rer a", "=", "\u{E9} a"])
    func noScheme(value: String) {
        #expect(read(value) == "no scheme")
    }

    private func read(_ value: String) -> String {
        switch BearerField(value) {
        case .token(let token): "token \(token.plain)"
        case .malformedToken: "malformed token"
        case .otherScheme: "other scheme"
        case .noScheme: "no scheme"
        }
    }
}
