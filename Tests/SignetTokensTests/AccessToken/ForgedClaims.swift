import SignetTestKit
import SignetTokens

/// Forgeries that the right key has signed: what the claims say must be right as well.
extension Forgery {
    /// VER-1, TRAP-7: the payload is one JSON object without doubts.
    static let payloads: [Forgery] = [
        Forgery("a payload that is no JSON", .malformed) { try $0.raw(payload: Array("hello".utf8)) },
        Forgery("a payload that is an array", .malformed) { try $0.raw(payload: Array("[]".utf8)) },
        Forgery("a payload with a claim twice", .malformed) { try $0.raw(payload: $0.claimsBytes(and: #""sub":"somebody""#)) },
        Forgery("a payload with a claim twice, once escaped", .malformed) {
            try $0.raw(payload: $0.claimsBytes(and: #""\u0061ud":"https://other.example.com""#))
        },
        Forgery("a payload with a claim twice, deep within", .malformed) {
            try $0.raw(payload: $0.claimsBytes(and: #""x":[{"y":{"a":1,"a":2}}]"#))
        },
        Forgery("a payload that is not UTF-8", .malformed) {
            try $0.raw(payload: $0.claimsBytes(and: "\"x\":\"") + [0xFF] + Array("\"}".utf8))
        },
        Forgery("a payload with a lone surrogate", .malformed) { try $0.raw(payload: $0.claimsBytes(and: #""x":"\uD800""#)) },
        Forgery("a payload with a number beyond all bounds", .malformed) {
            try $0.raw(payload: $0.claimsBytes(and: #""x":1e999"#))
        },
        Forgery("a payload with bytes after it", .malformed) { try $0.raw(payload: JSONValue.object($0.claims).bytes + [0x7D]) },
        Forgery("a payload that is a nested token", .malformed) { try $0.raw(payload: Array($0.text().utf8)) },
    ]

    /// VER-10, TRAP-8, and RFC 9068's required claims.
    static let claims: [Forgery] =
        ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"].flatMap { name in
            [nil, .null, ["a": 1], true].map { .claim(name, $0, .malformed) }
        } + [
            .claim("iss", ["https://id.example.com"], .malformed),
            .claim("sub", "", .malformed),
            .claim("sub", 1, .malformed),
            .claim("jti", "", .malformed),
            .claim("jti", 7, .malformed),
            .claim("client_id", ["signet"], .malformed),
            .claim("aud", [], .malformed),
            .claim("aud", ["https://api.example.com", 1], .malformed),
            .claim("exp", "1700000300", .malformed),
            .claim("exp", -1, .malformed),
            .claim("exp", .number(-0.5), .malformed),
            .claim("exp", .number(1e300), .malformed),
            .claim("exp", .integer(1 << 53 + 1), .malformed),
            .claim("exp", .integer(.max), .malformed),
            .claim("exp", .integer(.min), .malformed),
            .claim("iat", "now", .malformed),
            .claim("iat", .integer(.max), .malformed),
            .claim("nbf", "1700000000", .malformed),
            .claim("nbf", .null, .malformed),
            .claim("nbf", -1, .malformed),
            .claim("nbf", .number(1e18), .malformed),
            .claim("auth_time", "yesterday", .malformed),
            .claim("auth_time", -5, .malformed),
            .claim("scope", ["account"], .malformed),
            .claim("scope", "account  notes", .malformed),
            .claim("scope", " account", .malformed),
            .claim("scope", "account\tnotes", .malformed),
            .claim("scope", "say\"so", .malformed),
            .claim("sid", "42", .malformed),
            .claim("sid", 42, .malformed),
            .claim("sid", .null, .malformed),
            .claim("amr", "pwd", .malformed),
            .claim("amr", ["pwd", 1], .malformed),
            .claim("roles", "admin", .malformed),
            .claim("roles", ["admin": true], .malformed),
        ]

    /// VER-7 to VER-10, TRAP-11, and what a bearer cannot prove.
    static let purposes: [Forgery] = [
        .header("typ", nil, .wrongType),
        .header("typ", .null, .wrongType),
        .header("typ", 1, .wrongType),
        .header("typ", "", .wrongType),
        .header("typ", "JWT", .wrongType),
        .header("typ", "at+jwt ", .wrongType),
        .header("typ", "at-jwt", .wrongType),
        .header("typ", "application/application/at+jwt", .wrongType),
        .header("typ", "text/at+jwt", .wrongType),
        .header("typ", "logout+jwt", .wrongType),
        .header("typ", "secevent+jwt", .wrongType),
        .header("typ", "dpop+jwt", .wrongType),
        .header("typ", "client-authentication+jwt", .wrongType),
        .claim("iss", "https://id.example.com/", .wrongIssuer),
        .claim("iss", "https://ID.example.com", .wrongIssuer),
        .claim("iss", "http://id.example.com", .wrongIssuer),
        .claim("iss", "https://id.example.com.evil.example", .wrongIssuer),
        .claim("iss", "id.example.com", .wrongIssuer),
        .claim("iss", "", .wrongIssuer),
        .claim("aud", "https://other.example.com", .wrongAudience),
        .claim("aud", "https://api.example.com/", .wrongAudience),
        .claim("aud", "https://api.example.co", .wrongAudience),
        .claim("aud", "https://api.example.com.evil.example", .wrongAudience),
        .claim("aud", "https://API.example.com", .wrongAudience),
        .claim("aud", "https://id.example.com", .wrongAudience),
        .claim("aud", "", .wrongAudience),
        .claim("aud", ["https://other.example.com", "https://third.example.com"], .wrongAudience),
        .claim("aud", ["https://api.example.com https://other.example.com"], .wrongAudience),
        .claim("exp", 1_699_999_970, .expired),
        .claim("exp", 0, .expired),
        .claim("nbf", 1_700_000_031, .notYetValid),
        .claim("iat", 1_700_000_031, .notYetValid),
        // Milliseconds taken for seconds.
        .claim("exp", 1_700_000_300_000, .lifetimeTooLong),
        .claim("iat", 1_699_996_699, .lifetimeTooLong),
        Forgery("every moment in milliseconds", .notYetValid) {
            var claims = $0.claims
            claims["iat"] = 1_700_000_000_000
            claims["exp"] = 1_700_000_000_300
            return try $0.text(claims: claims)
        },
        .claim("cnf", ["jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"], .proofRequired),
        .claim("cnf", ["x5t#S256": "abc"], .proofRequired),
        .claim("cnf", [:], .proofRequired),
        .claim("cnf", .null, .proofRequired),
    ]
}

extension Forge {
    /// The genuine claims and one more member, as text.
    func claimsBytes(and member: String) -> [UInt8] {
        let whole = JSONValue.object(claims).bytes.dropLast() + [UInt8(ascii: ",")] + Array(member.utf8)
        return member.hasSuffix("\"x\":\"") ? Array(whole) : whole + [UInt8(ascii: "}")]
    }
}
