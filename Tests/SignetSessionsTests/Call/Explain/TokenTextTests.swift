import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("What a text is that was offered as a token")
struct TokenTextTests {
    private static let refresh = FreshSession().token.text.plain
    private static let access = try? AccessToken.fresh().signed(with: .seeded()).plain
    private static let uuid = SessionID.laptop.description

    @Test("a refresh token and a JWT are known by their shape")
    func known() throws {
        guard case .refreshToken(let token) = TokenText(Secret(Self.refresh)) else { throw OtherwiseShaped() }
        #expect(token.sessionID == .laptop)
        guard case .jwt(let jwt) = TokenText(Secret(try #require(Self.access))) else { throw OtherwiseShaped() }
        #expect(jwt.kind == .accessToken)
        #expect(jwt.claims["client_id"] == "signet")
    }

    @Test(
        "a JWT's kind is what its type says, in any case and with or without application/",
        arguments: [
            ("at+jwt", .accessToken), ("application/AT+jwt", .accessToken), ("secevent+jwt", .event),
            ("logout+jwt", .other("logout token")), ("dpop+jwt", .other("DPoP proof")),
            ("client-authentication+jwt", .other("client assertion")), ("at-jwt", .other("JWT of another kind")),
            ("JWT", .other("id token, or another JWT that does not say what it is for")),
            (nil, .other("id token, or another JWT that does not say what it is for")),
        ] as [(String?, ReadableJWT.Kind)])
    func kinds(type: String?, kind: ReadableJWT.Kind) throws {
        var header = JSONObject()
        header["alg"] = "ES256"
        header["typ"] = type.map(JSONValue.string)
        let text = try TestIssuer().token(header: JSONValue.object(header).bytes, payload: Array("{}".utf8))

        guard case .jwt(let jwt) = TokenText(Secret(text)) else { throw OtherwiseShaped() }
        #expect(jwt.kind == kind)
    }

    @Test(
        "what is no token is told what is wrong with its shape",
        arguments: [
            ("\"\(refresh)\"", "quotation marks; leave them out. What is left has the shape of a refresh token"),
            ("'\(access ?? "")'", "quotation marks; leave them out. What is left has the shape of a JWT"),
            ("\"hello\"", "quotation marks; leave them out. What is left is no token either"),
            (
                "Bearer \(access ?? "")",
                "the word Bearer stands in front of it; leave it out. What is left has the shape of a JWT"
            ),
            ("Authorization: Bearer \(refresh)", "the word Authorization: stands in front of it"),
            (#"{"access_token":"…"}"#, "it is a JSON document; take the value of access_token"),
            (refresh.replacing("A", with: "A\n "), "there is white space in it"),
            (String(refresh.dropLast()), "it was cut off: it has 118 characters, and a refresh token has 119"),
            ("sgr1_", "it was cut off: it has 5 characters, and a refresh token has 119"),
            (refresh + "A", "it is too long: it has 120 characters, and a refresh token has 119"),
            (String(refresh.dropLast()) + "=", "it has the character = in it"),
            (String(refresh.dropLast()) + "!", "it has a character in it that is none of A-Z a-z 0-9 - _"),
            (String(refresh.dropLast()) + "é", "it has a character in it that is none of A-Z a-z 0-9 - _"),
            (nonCanonical(refresh), "its last character spells bits that no refresh token has"),
            ("SGR1_" + refresh.dropFirst(5), "a refresh token begins with sgr1_ in small letters"),
            ("sgr2_" + refresh.dropFirst(5), "it begins like a refresh token of another version"),
            (String(refresh.dropFirst(5)), "it has the length of a refresh token that has lost its beginning sgr1_"),
            (uuid, "it is a UUID"), (uuid.uppercased(), "it is a UUID"),
            (ClientSecret.random(seededRandomBytes(1)).text.plain, "it has the shape of a client secret"),
            ("hunter2", "it has none of the shapes that tokens have"), ("héllo", "it has none of the shapes that tokens have"),
            ("eyJhbGciOiJFUzI1NiJ9", "it is the beginning of a JWT and was cut off"),
            ("eyJhbGciOiJFUzI1NiJ9.e30", "it has two parts between dots"),
            ("eyJhbGciOiJFUzI1NiJ9.e30.", "its signature is empty"), ("a.b.c.d.e", "it is an encrypted JWT"),
            ("a.b.c.d", "it has 4 parts between dots"), ("e30.e30.A", "its signature is not base64url"),
            ("e30=.e30.AA", "its header is not base64url"), ("e30.e31.AA", "its payload is not base64url"),
            ("e30.W10.AA", "its payload is no strict JSON object"),
            (String(repeating: "bearer ", count: 140_000), "it is longer than any token can be"),
            (String(repeating: "bearer ", count: 2000), "What is left is no token either"),
            (String(repeating: "a", count: 8190) + ".a.", "it has 8193 characters, and nobody reads a JWT of more than 8192"),
        ] as [(String, String)])
    func misshapen(text: String, sentence: String) throws {
        guard case .misshapen(let reason) = TokenText(Secret(text)) else { throw OtherwiseShaped() }
        #expect(reason.contains(sentence), "\(reason)")
    }

    /// The same bytes as a lenient reader would have them, spelled in another way.
    private static func nonCanonical(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let index = text.last.flatMap(alphabet.firstIndex) ?? 0
        return text.dropLast() + String(alphabet[index | 1])
    }
}
