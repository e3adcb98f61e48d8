import Crypto
import CryptoExtras
import Foundation
import SignetTokens

/// An issuer that signs with RS256, which Signet verifies and does not do itself.
struct RSAIssuer {
    let key: _RSA.Signing.PrivateKey

    init(bits: Int = 2048) throws {
        key = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits))
    }

    func jwk() throws -> JSONObject {
        let primitives = try key.publicKey.getKeyPrimitives()
        return JSONObject([
            .init(name: "kty", value: "RSA"), .init(name: "n", value: .string(Base64URL.string(primitives.modulus))),
            .init(name: "e", value: .string(Base64URL.string(primitives.publicExponent))), .init(name: "kid", value: "rsa"),
        ])
    }

    func token(_ claims: JSONObject, padding: _RSA.Signing.Padding = .insecurePKCS1v1_5) throws -> String {
        let header: JSONValue = ["alg": "RS256", "typ": "at+jwt", "kid": "rsa"]
        let input = Base64URL.string(header.bytes) + "." + Base64URL.string(JSONValue.object(claims).bytes)
        let signature = try key.signature(for: SHA256.hash(data: Array(input.utf8)), padding: padding)
        return input + "." + Base64URL.string(signature.rawRepresentation)
    }
}
