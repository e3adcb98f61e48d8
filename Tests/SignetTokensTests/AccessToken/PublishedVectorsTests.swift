import Crypto
import SignetTestKit
import SignetTokens
import Testing

@Suite("Published vectors")
struct PublishedVectorsTests {
    /// V-1, RFC 7515 A.3.
    private static let es256Token =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    private static let es256Key: JSONObject = JSONObject([
        .init(name: "kty", value: "EC"), .init(name: "crv", value: "P-256"),
        .init(name: "x", value: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        .init(name: "y", value: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
        .init(name: "d", value: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
    ])
    private static let octetKey: JSONValue = [
        "kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    ]
    private static let edDSAKey: JSONObject = JSONObject([
        .init(name: "kty", value: "OKP"), .init(name: "crv", value: "Ed25519"),
        .init(name: "x", value: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
    ])

    @Test("V-1: the ES256 signature of RFC 7515 A.3 verifies, and as an access token it is refused for want of typ")
    func es256() throws {
        let keys = try Self.keys(Self.es256Key)
        let jws = try CompactJWS(parsing: Self.es256Token.utf8)

        #expect(try jws.verify(with: keys).algorithm == .es256)
        let claims = try JSONValue(parsing: jws.payload)
        #expect(claims == ["iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true])
        let rules = AccessTokenRules(issuer: "joe", audiences: ["a"])
        #expect(throws: TokenError.wrongType) { try rules.verify(Secret(Self.es256Token), with: keys, now: .sometime) }
    }

    @Test("V-1, ours: any other spelling of it fails", arguments: otherSpellings)
    func es256Respelled(_ text: String) throws {
        #expect(Self.refusal(of: text, try Self.keys(Self.es256Key)) == .malformed)
    }

    @Test("V-1, ours: any other signature, header or payload fails")
    func es256Forged() throws {
        let keys = try Self.keys(Self.es256Key)
        let parts = Self.es256Token.split(separator: ".").map(String.init)
        let raw = try #require(Base64URL.decode(Array(parts[2].utf8)))
        let der = Array(try P256.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation)

        #expect(Self.refusal(of: "\(parts[0]).\(parts[1])." + String(repeating: "A", count: 86), keys) == .badSignature)
        #expect(Self.refusal(of: "\(parts[0]).\(parts[1])." + Base64URL.string(der), keys) == .badSignature)
        #expect(Self.refusal(of: "eyJhbGciOiJub25lIn0.\(parts[1]).", keys) == .malformed)
        #expect(Self.refusal(of: "eyJhbGciOiJub25lIn0.\(parts[1]).\(parts[2])", keys) == .unsupportedAlgorithm)
        #expect(parts[1].hasSuffix("Q"))
        // The payload's last character has two unused bits: R is Q's bytes with one of them set.
        let respelled = parts[1].dropLast() + "R"
        #expect(Self.refusal(of: "\(parts[0]).\(respelled).\(parts[2])", keys) != nil)
    }

    @Test("V-2: HS256 is refused, also with the octet key in front of the set")
    func hs256() throws {
        let text =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
            + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let document: JSONValue = ["keys": [Self.octetKey, .object(Self.es256Key)]]
        let keys = try #require(KeySet(parsing: document.bytes))

        #expect(keys.keys.count == 1)
        #expect(Self.refusal(of: text, keys) == .unsupportedAlgorithm)
        #expect(Self.refusal(of: text, KeySet([])) == .unsupportedAlgorithm)
    }

    @Test("V-3: the Ed25519 signature of RFC 8037 verifies, can be made again, and its key has the published thumbprint")
    func edDSA() throws {
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        let secret = try #require(Base64URL.decode(Array("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".utf8)))
        let keys = try Self.keys(Self.edDSAKey)

        let jws = try CompactJWS(parsing: "\(input).\(signature)".utf8)
        #expect(try jws.verify(with: keys).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        #expect(String(decoding: jws.payload, as: UTF8.self) == "Example of Ed25519 signing")

        let key = try #require(SigningKey(.edDSA, secretBytes: Secret(secret)))
        #expect(key.publicKey.keyID == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        #expect(key.publicKey.verifies(try key.signature(over: Array(input.utf8)), over: Array(input.utf8)))
        let made = try Curve25519.Signing.PrivateKey(rawRepresentation: secret).signature(for: Array(input.utf8))
        #expect(key.publicKey.verifies(Array(made), over: Array(input.utf8)))
    }

    @Test("V-4: the RSA thumbprint of RFC 7638, section 3.1")
    func thumbprint() throws {
        let key = try #require(PublicKey(jwk: Self.rsaKey))

        #expect(key.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(key.keyID == "2011-04-29")
        #expect(key.algorithm == .rs256)
        var nameless = Self.rsaKey
        nameless["kid"] = nil
        #expect(PublicKey(jwk: nameless)?.keyID == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    private static let otherSpellings: [String] =
        "RSTUVWXYZabcdef".map { es256Token.dropLast() + String($0) } + [
            es256Token + "=", es256Token + "==", es256Token + "\n", es256Token.replacing(".", with: ".\n", maxReplacements: 1),
            "\n" + es256Token,
            es256Token.replacing("eyJpc3Mi", with: "eyJp\nc3Mi"),
        ]

    private static let rsaKey = JSONObject([
        .init(name: "kty", value: "RSA"), .init(name: "e", value: "AQAB"), .init(name: "alg", value: "RS256"),
        .init(name: "kid", value: "2011-04-29"),
        .init(
            name: "n",
            value:
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        ),
    ])

    private static func keys(_ jwk: JSONObject) throws -> KeySet {
        KeySet([try #require(PublicKey(jwk: jwk))])
    }

    private static func refusal(of text: String, _ keys: KeySet) -> TokenError? {
        do throws(TokenError) {
            try CompactJWS(parsing: text.utf8).verify(with: keys)
            return nil
        } catch {
            return error
        }
    }
}
