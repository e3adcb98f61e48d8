import Crypto
import SignetTestKit
import SignetTokens
import Testing

/// A token that an API must not accept, and which looks as much as it can like one that it would.
struct ForgedToken: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
}

/// Makes forged and malformed tokens out of a good one's parts.
struct Forger {
    let issuer: TestIssuer
    let now: UnixTime

    var header: JSONObject { issuer.header }
    var claims: JSONObject { issuer.claims(at: now).claims }

    /// Every way of forging that this suite knows.
    func all() throws -> [ForgedToken] {
        try headers() + payloads() + lifetimes() + signatures() + spellings()
    }

    private func headers() throws -> [ForgedToken] {
        let others: [(String, JSONValue?)] = [
            ("alg", "none"), ("alg", "None"), ("alg", "nOnE"), ("alg", nil), ("alg", .null), ("alg", 256), ("alg", ""),
            ("alg", "HS256"), ("alg", "es256"), ("alg", "ES384"), ("alg", "RS256"), ("alg", "EdDSA"), ("alg", "PS256"),
            ("typ", nil), ("typ", "JWT"), ("typ", "id+jwt"), ("typ", "logout+jwt"), ("typ", "secevent+jwt"), ("typ", "at+jwt "),
            ("typ", ["at+jwt"]), ("kid", "other"), ("kid", ""), ("kid", 1), ("kid", "../../dev/null"), ("kid", "' OR 1=1"),
            ("crit", ["exp"]), ("crit", []), ("b64", false), ("b64", true), ("zip", "DEF"), ("cty", "JWT"), ("enc", "A128GCM"),
        ]
        var tokens: [ForgedToken] = []
        for (name, value) in others {
            var header = header
            header[name] = value
            tokens.append(try token("header \(name): \(value.map { "\($0)" } ?? "absent")", header, claims))
        }
        let hmac = JSONValue.object(header).bytes
        let key = SymmetricKey(data: issuer.keySet.json.bytes)
        var confused = header
        confused["alg"] = "HS256"
        let input = Base64URL.encode(JSONValue.object(confused).bytes) + [0x2E] + Base64URL.encode(JSONValue.object(claims).bytes)
        let tag = HMAC<SHA256>.authenticationCode(for: input, using: key)
        tokens.append(
            ForgedToken(
                testDescription: "an HMAC under the public keys",
                text: String(decoding: input, as: UTF8.self) + "." + Base64URL.string(Array(tag))))
        tokens.append(try raw("a member twice in the header", hmac.dropLast() + Array(#","alg":"ES256"}"#.utf8), nil))
        tokens.append(try raw("an array as header", Array("[]".utf8), nil))
        tokens.append(try raw("a header that is not UTF-8", Array(#"{"alg":"ES256","x":""#.utf8) + [0xFF, 0x22, 0x7D], nil))
        return tokens
    }

    private func payloads() throws -> [ForgedToken] {
        let others: [(String, JSONValue?)] = [
            ("iss", nil), ("iss", "https://evil.example"), ("iss", "https://id.example.com/"),
            ("iss", ["https://id.example.com"]),
            ("aud", nil), ("aud", []), ("aud", "https://api.example.com/"), ("aud", "https://api.example"),
            ("aud", "HTTPS://api.example.com"),
            ("aud", ["https://other.example", 1]), ("aud", .object(JSONObject())), ("sub", nil), ("sub", ""), ("sub", 7),
            ("client_id", nil), ("jti", nil), ("scope", ["notes:write"]), ("scope", "a  b"), ("cnf", ["jkt": "abc"]),
            ("cnf", .null),
            ("sid", "not a uuid"),
        ]
        var tokens: [ForgedToken] = []
        for (name, value) in others {
            var claims = claims
            claims[name] = value
            tokens.append(try token("claim \(name): \(value.map { "\($0)" } ?? "absent")", header, claims))
        }
        let good = JSONValue.object(claims).bytes
        tokens.append(try raw("a claim twice", nil, good.dropLast() + Array(#","sub":"eve"}"#.utf8)))
        tokens.append(try raw("a claim twice, once escaped", nil, good.dropLast() + Array(#","\u0073ub":"eve"}"#.utf8)))
        tokens.append(try raw("claims with something after them", nil, good + Array("{}".utf8)))
        tokens.append(try raw("claims that are a text", nil, Array(#""eyJ""#.utf8)))
        tokens.append(
            try raw("claims nested a thousand deep", nil, good.dropLast() + Array(#","a":"#.utf8) + deep(1000) + [0x7D]))
        return tokens
    }

    private func lifetimes() throws -> [ForgedToken] {
        let second = now.seconds
        let others: [(String, JSONValue?)] = [
            ("exp", nil), ("exp", .null), ("exp", .string("\(second + 300)")), ("exp", .integer(-1)), ("exp", .number(1e300)),
            ("exp", .integer(.max)), ("exp", .integer((second + 300) * 1000)), ("exp", .integer(second - 30)),
            ("exp", .number(.pi)),
            ("exp", .integer(second + 3601)), ("iat", nil), ("iat", .integer(second + 31)), ("iat", .integer(-5)),
            ("iat", .bool(true)),
            ("nbf", .integer(second + 31)), ("nbf", .string("0")), ("nbf", .integer(.max)), ("auth_time", .string("yesterday")),
        ]
        return try others.map { name, value in
            var claims = claims
            claims[name] = value
            return try token("claim \(name): \(value.map { "\($0)" } ?? "absent")", header, claims)
        }
    }

    private func signatures() throws -> [ForgedToken] {
        let good = try issuer.token(header: JSONValue.object(header).bytes, payload: JSONValue.object(claims).bytes)
        let parts = good.split(separator: ".").map(String.init)
        let signature = Base64URL.decode(parts[2].utf8) ?? []
        let order =
            Base64URL.decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE".utf8) ?? []
        let zero = [UInt8](repeating: 0, count: 32)
        let others: [(String, [UInt8])] = [
            ("of zeros, CVE-2022-21449", zero + zero), ("with r = 0", zero + signature.suffix(32)),
            ("with s = 0", signature.prefix(32) + zero), ("with r = n", order + signature.suffix(32)),
            ("with s = n", signature.prefix(32) + order), ("of 63 octets", Array(signature.dropLast())),
            ("of 65 octets", signature + [0]), ("with one bit turned", signature.dropLast() + [(signature.last ?? 0) ^ 1]),
            ("in DER", [0x30, 0x44, 0x02, 0x20] + signature.prefix(32) + [0x02, 0x20] + signature.suffix(32)),
            ("of another token", Array(try issuer.key.signature(over: Array("other".utf8)))),
            ("by another key", Array(try TestIssuer(seed: 9).key.signature(over: Array((parts[0] + "." + parts[1]).utf8)))),
        ]
        var elevated = claims
        elevated["sub"] = "root"
        let claimsForAnother = Base64URL.string(JSONValue.object(elevated).bytes)
        return others.map { name, signature in
            ForgedToken(
                testDescription: "a signature \(name)", text: parts[0] + "." + parts[1] + "." + Base64URL.string(signature))
        } + [ForgedToken(testDescription: "claims changed after signing", text: "\(parts[0]).\(claimsForAnother).\(parts[2])")]
    }

    private func spellings() throws -> [ForgedToken] {
        let good = try issuer.token(header: JSONValue.object(header).bytes, payload: JSONValue.object(claims).bytes)
        let parts = good.split(separator: ".").map(String.init)
        let others: [(String, String)] = [
            ("two parts", parts[0] + "." + parts[1]), ("no signature", parts[0] + "." + parts[1] + "."),
            ("no header", "." + parts[1] + "." + parts[2]),
            ("no claims", parts[0] + ".." + parts[2]), ("four parts", good + ".AAAA"), ("five parts", good + ".AAAA.AAAA"),
            ("padding", good + "=="), ("a dot after it", good + "."),
            ("another alphabet", parts[0] + "." + parts[1] + ".+/" + parts[2].dropFirst(2)),
            ("bits after the signature", String(good.dropLast()) + trailing(good)), ("only dots", ".."), ("one letter", "a"),
            ("a refresh token's prefix", "sgr1_" + parts[2]),
            ("more than 8 KiB", parts[0] + "." + String(repeating: "A", count: 8192) + "." + parts[2]),
            ("base64url of itself", Base64URL.string(good.utf8)),
        ]
        return others.map { ForgedToken(testDescription: "spelled with \($0)", text: $1) }
    }

    /// The last character with another of its unused bits set: a lenient decoder would read the same octets.
    private func trailing(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let index = text.last.flatMap { alphabet.firstIndex(of: $0) } ?? 0
        return String(alphabet[index | 1])
    }

    private func deep(_ depth: Int) -> [UInt8] {
        [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }

    private func token(_ name: String, _ header: JSONObject, _ claims: JSONObject) throws -> ForgedToken {
        try raw(name, JSONValue.object(header).bytes, JSONValue.object(claims).bytes)
    }

    private func raw(_ name: String, _ header: [UInt8]?, _ payload: [UInt8]?) throws -> ForgedToken {
        let header = header ?? JSONValue.object(self.header).bytes
        let payload = payload ?? JSONValue.object(claims).bytes
        return ForgedToken(testDescription: name, text: try issuer.token(header: header, payload: payload))
    }
}
