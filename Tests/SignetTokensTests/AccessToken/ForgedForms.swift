import Crypto
import SignetTestKit
import SignetTokens

/// Forgeries of a token's form, header and signature.
extension Forgery {
    /// VER-1, TRAP-6, TRAP-9: nothing but a compact JWS in its one spelling.
    static let forms: [Forgery] = [
        Forgery("nothing", .malformed) { _ in "" },
        Forgery("two dots", .malformed) { _ in ".." },
        Forgery("no dots", .malformed) { $0.input().replacing(".", with: "") },
        Forgery("two parts", .malformed) { $0.input() },
        Forgery("an empty signature", .malformed) { $0.input() + "." },
        Forgery("an empty header", .malformed) { try "." + $0.text().split(separator: ".").dropFirst().joined(separator: ".") },
        Forgery("an empty payload", .malformed) { try $0.raw(payload: []) },
        Forgery("four parts", .malformed) { try $0.text() + ".AAAA" },
        Forgery("five parts, as an encrypted token has", .malformed) { try $0.text() + ".AAAA.AAAA" },
        Forgery("the JSON serialisation", .malformed) { forge in
            let parts = try forge.text().split(separator: ".")
            return #"{"protected":"\#(parts[0])","payload":"\#(parts[1])","signature":"\#(parts[2])"}"#
        },
        Forgery("a space before it", .malformed) { try " " + $0.text() },
        Forgery("a line end after it", .malformed) { try $0.text() + "\n" },
        Forgery("a line end within", .malformed) { try $0.text().replacing(".", with: ".\n", maxReplacements: 1) },
        Forgery("a tab within", .malformed) { try $0.text().replacing(".", with: "\t.", maxReplacements: 1) },
        Forgery("padding after the signature", .malformed) { try $0.text() + "==" },
        Forgery("padding after the header", .malformed) { try $0.text().replacing(".", with: "=.", maxReplacements: 1) },
        Forgery("a signature of the standard alphabet", .malformed) { forge in
            // One in sixteen signatures or so has neither of the two characters.
            let signature = [UInt8](repeating: 0xFB, count: 64)
            return forge.raw(signature: signature).replacing("-", with: "+").replacing("_", with: "/")
        },
        Forgery("percent-encoded dots", .malformed) { try $0.text().replacing(".", with: "%2E") },
        Forgery("other unused bits in the last character", .malformed) { try $0.text().lastCharacterRespelled() },
        Forgery("other unused bits in the header", .malformed) { forge in
            var header = forge.header
            // A header whose length leaves bits unused.
            while JSONValue.object(header).bytes.count % 3 == 0 { header["x"] = .string((header["x"]?.string ?? "") + "x") }
            var parts: [String] = try forge.text(header: header).split(separator: ".").map(String.init)
            parts[0] = parts[0].lastCharacterRespelled()
            return parts.joined(separator: ".")
        },
        Forgery("a NUL", .malformed) { try $0.text() + "\0" },
        Forgery("characters beyond ASCII", .malformed) { try $0.text() + "é" },
        Forgery("more than 8 KiB", .malformed) { try $0.claim("x", .string(String(repeating: "x", count: 8192))) },
        Forgery("a header that is no JSON", .malformed) { try $0.raw(headerBytes: Array("alg=ES256".utf8)) },
        .header("[]", .malformed),
        .header("\"ES256\"", .malformed),
        .header("null", .malformed),
        .header(#"{"alg":"ES256","typ":"at+jwt","alg":"ES256"}"#, .malformed),
        .header(#"{"alg":"none","typ":"at+jwt","\u0061lg":"ES256"}"#, .malformed),
        .header(#"{"alg":"ES256","typ":"at+jwt",}"#, .malformed),
        .header(#"{"alg":"ES256","typ":"at+jwt"} x"#, .malformed),
        .header("\u{FEFF}{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", .malformed),
        .header(#"{"alg":"ES256","typ":"at+jwt","x":1e999}"#, .malformed),
        .header(
            #"{"alg":"ES256","typ":"at+jwt","x":"# + String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
                + "}", .malformed),
        Forgery("a header that is not UTF-8", .malformed) {
            try $0.raw(headerBytes: Array(#"{"alg":"ES256","typ":"at+jwt","x":""#.utf8) + [0xC0, 0x80] + Array("\"}".utf8))
        },
        .header("kid", 1, .malformed),
        .header("kid", .null, .malformed),
        .header("kid", ["a"], .malformed),
        .header("cty", "JWT", .malformed),
        .header("enc", "A128GCM", .malformed),
        .header("crit", ["exp"], .criticalHeader),
        .header("crit", [], .criticalHeader),
        .header("crit", .null, .criticalHeader),
        .header("b64", false, .criticalHeader),
        .header("b64", true, .criticalHeader),
        .header("zip", "DEF", .criticalHeader),
        Forgery("the payload not encoded, as b64 would have it", .malformed) {
            try $0.text().replacing(".", with: ".{", maxReplacements: 1)
        },
    ]

    /// VER-2, TRAP-1, TRAP-2.
    static let algorithms: [Forgery] =
        ([
            "none", "None", "nOnE", "NONE", "", "HS256", "HS384", "HS512", "ES384", "ES512", "ES256K", "es256", "ES256 ", "RS384",
            "RS512", "PS256", "Ed448", "eddsa", "\u{0}ES256",
        ] as [JSONValue])
        .map { .header("alg", $0, .unsupportedAlgorithm) } + [
            .header("alg", nil, .unsupportedAlgorithm),
            .header("alg", .null, .unsupportedAlgorithm),
            .header("alg", 256, .unsupportedAlgorithm),
            .header("alg", ["ES256"], .unsupportedAlgorithm),
            Forgery("none, and no signature to speak of", .unsupportedAlgorithm) {
                $0.raw(headerBytes: Array(#"{"alg":"none","typ":"at+jwt"}"#.utf8), signature: [0])
            },
            Forgery("HS256 with the published key set as secret", .unsupportedAlgorithm) {
                try $0.hmac(secret: $0.keys.json.bytes)
            },
            Forgery("HS256 with the public point as secret", .unsupportedAlgorithm) {
                try $0.hmac(secret: JSONValue.object($0.key.publicKey.jwk).bytes)
            },
        ]

    /// VER-3, VER-4, TRAP-3: the set alone says which key.
    static let keys: [Forgery] = [
        .header("kid", "nobody", .unknownKey),
        .header("kid", "", .unknownKey),
        .header("kid", "../../dev/null", .unknownKey),
        .header("kid", "' OR 1=1 --", .unknownKey),
        .header("kid", "https://evil.example/key", .unknownKey),
        .header("kid", "\u{0}", .unknownKey),
        .header("kid", .string(String(repeating: "k", count: 4000)), .unknownKey),
        .header("kid", .string(String(repeating: "k", count: 10_000)), .malformed),
        Forgery("the kid in another case", .unknownKey) { try $0.header("kid", .string($0.key.publicKey.keyID.uppercased())) },
        Forgery("the kid with a space", .unknownKey) { try $0.header("kid", .string($0.key.publicKey.keyID + " ")) },
        Forgery("no kid, and no key of the algorithm", .unknownKey) {
            var header = $0.header
            header["kid"] = nil
            header["alg"] = "RS256"
            return try $0.text(header: header)
        },
        .header("alg", "EdDSA", .keyMismatch),
        .header("alg", "Ed25519", .keyMismatch),
        .header("alg", "RS256", .keyMismatch),
        Forgery("ES256 under the kid of an Ed25519 key", .keyMismatch) {
            try $0.header("kid", .string($0.edDSAKey.publicKey.keyID))
        },
        Forgery("a stranger's key under our kid", .badSignature) { try $0.text(signedWith: $0.strangersKey) },
        Forgery("a stranger's key in the header's jwk", .badSignature) {
            try $0.strangers("jwk", .object($0.strangersKey.publicKey.jwk))
        },
        Forgery("a stranger's key behind jku", .badSignature) { try $0.strangers("jku", "https://evil.example/jwks.json") },
        Forgery("a stranger's key behind x5u", .badSignature) { try $0.strangers("x5u", "https://evil.example/cert.pem") },
        Forgery("a stranger's certificate in x5c", .badSignature) { try $0.strangers("x5c", ["MIIB"]) },
        Forgery("a stranger's kid with its key in the header", .unknownKey) {
            var header = $0.header
            header["kid"] = .string($0.strangersKey.publicKey.keyID)
            header["jwk"] = .object($0.strangersKey.publicKey.jwk)
            return try $0.text(header: header, signedWith: $0.strangersKey)
        },
    ]

    /// VER-6, TRAP-4.
    static let signatures: [Forgery] = [
        Forgery("r = s = 0", .badSignature) { $0.raw(signature: [UInt8](repeating: 0, count: 64)) },
        Forgery("s = 0", .badSignature) { try $0.raw(signature: $0.parts().r + Forge.zero) },
        Forgery("r = 0", .badSignature) { try $0.raw(signature: Forge.zero + $0.parts().s) },
        Forgery("r = n", .badSignature) { try $0.raw(signature: Forge.order + $0.parts().s) },
        Forgery("s = n", .badSignature) { try $0.raw(signature: $0.parts().r + Forge.order) },
        Forgery("r = s = n", .badSignature) { $0.raw(signature: Forge.order + Forge.order) },
        Forgery("r = s = n + 1", .badSignature) {
            let next: [UInt8] = Forge.order.dropLast() + [Forge.order[31] + 1]
            return $0.raw(signature: next + next)
        },
        Forgery("r = s = 1", .badSignature) {
            let one: [UInt8] = Forge.zero.dropLast() + [1]
            return $0.raw(signature: one + one)
        },
        Forgery("all ones", .badSignature) { $0.raw(signature: [UInt8](repeating: 255, count: 64)) },
        Forgery("63 octets", .badSignature) { try $0.raw(signature: Array($0.signature().dropLast())) },
        Forgery("65 octets", .badSignature) { try $0.raw(signature: $0.signature() + [0]) },
        Forgery("65 octets with a leading zero", .badSignature) { try $0.raw(signature: [0] + $0.signature()) },
        Forgery("128 octets", .badSignature) { try $0.raw(signature: $0.signature() + $0.signature()) },
        Forgery("one octet", .badSignature) { $0.raw(signature: [0]) },
        Forgery("the DER form", .badSignature) {
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: $0.signature())
            return $0.raw(signature: Array(signature.derRepresentation))
        },
        Forgery("r and s swapped", .badSignature) { try $0.raw(signature: $0.parts().s + $0.parts().r) },
        Forgery("the signature of another token", .badSignature) {
            let other = try $0.claim("sub", "somebody").split(separator: ".")[2]
            return $0.input() + "." + other
        },
        Forgery("another payload under the signature", .badSignature) {
            let parts = try $0.text().split(separator: ".")
            var claims = $0.claims
            claims["scope"] = "admin"
            return "\(parts[0]).\(Base64URL.string(JSONValue.object(claims).bytes)).\(parts[2])"
        },
        Forgery("another header under the signature", .badSignature) {
            let parts = try $0.text().split(separator: ".")
            var header = $0.header
            header["x"] = 1
            return "\(Base64URL.string(JSONValue.object(header).bytes)).\(parts[1]).\(parts[2])"
        },
        Forgery("an Ed25519 signature of 63 octets", .badSignature) {
            var header = $0.header
            header["alg"] = "EdDSA"
            header["kid"] = .string($0.edDSAKey.publicKey.keyID)
            let bytes = JSONValue.object(header).bytes
            let signature = try $0.edDSAKey.signature(over: Array($0.input(headerBytes: bytes).utf8))
            return $0.raw(headerBytes: bytes, signature: Array(signature.dropLast()))
        },
    ]
}

extension Forge {
    static let zero = [UInt8](repeating: 0, count: 32)
    /// The order of P-256.
    static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
        0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// A correct signature over the genuine token.
    func signature() throws -> [UInt8] { try key.signature(over: Array(input().utf8)) }

    func parts() throws -> (r: [UInt8], s: [UInt8]) {
        let signature = try signature()
        return (Array(signature.prefix(32)), Array(signature.suffix(32)))
    }

    func hmac(secret: [UInt8]) throws -> String {
        var header = header
        header["alg"] = "HS256"
        let bytes = JSONValue.object(header).bytes
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(input(headerBytes: bytes).utf8), using: SymmetricKey(data: secret))
        return raw(headerBytes: bytes, signature: Array(code))
    }

    /// Our header with one member that points to the stranger's key, which signs.
    func strangers(_ name: String, _ value: JSONValue) throws -> String {
        var header = header
        header[name] = value
        return try text(header: header, signedWith: strangersKey)
    }
}

extension String {
    /// The same bytes to a lenient decoder: the last character with an unused bit set.
    func lastCharacterRespelled() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        guard let last, let value = alphabet.firstIndex(of: last) else { return self }
        return dropLast() + String(alphabet[value ^ 1])
    }
}
