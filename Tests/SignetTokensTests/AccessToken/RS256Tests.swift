import Crypto
import CryptoExtras
import Foundation
import SignetTestKit
import SignetTokens
import Testing

@Suite("RS256 is verified (VER-6)")
struct RS256Tests {
    private let forge = Forge()

    @Test("a token signed by an RSA key passes, and its key is published without leading zeros (JWK-3)")
    func verifies() throws {
        let issuer = try RSAIssuer()
        let key = try #require(PublicKey(jwk: issuer.jwk()))
        let text = try issuer.token(forge.claims)

        #expect(try forge.verify(text, with: KeySet([key])).token == .fresh())
        #expect(key.algorithm == .rs256)
        #expect(Set(key.jwk.members.map(\.name)) == ["e", "kty", "n", "kid", "use", "alg"])
        let modulus = try #require(key.jwk["n"]?.string.flatMap { Base64URL.decode(Array($0.utf8)) })
        #expect(modulus.first != 0)
        #expect(modulus.count == 256)
    }

    @Test("another signature, another length, another padding and another key are refused")
    func refused() throws {
        let issuer = try RSAIssuer()
        let keys = KeySet([try #require(PublicKey(jwk: issuer.jwk()))])
        let text = try issuer.token(forge.claims)
        let parts = text.split(separator: ".")
        let signature = try #require(Base64URL.decode(Array(parts[2].utf8)))
        func with(_ signature: [UInt8]) -> String { "\(parts[0]).\(parts[1])." + Base64URL.string(signature) }

        #expect(forge.refusal(of: with(Array(signature.dropLast())), with: keys) == .badSignature)
        #expect(forge.refusal(of: with(signature + [0]), with: keys) == .badSignature)
        #expect(forge.refusal(of: with([0] + signature), with: keys) == .badSignature)
        #expect(forge.refusal(of: with([UInt8](repeating: 0, count: 256)), with: keys) == .badSignature)
        #expect(forge.refusal(of: with([UInt8](repeating: 0, count: 255) + [1]), with: keys) == .badSignature)
        #expect(forge.refusal(of: try issuer.token(forge.claims, padding: .PSS), with: keys) == .badSignature)
        #expect(forge.refusal(of: try RSAIssuer().token(forge.claims), with: keys) == .badSignature)
    }

    @Test("TRAP-2: the public key as PEM or JWK is no HMAC secret")
    func confusion() throws {
        let issuer = try RSAIssuer()
        let keys = KeySet([try #require(PublicKey(jwk: issuer.jwk()))])
        let secrets = [
            Array(issuer.key.publicKey.pemRepresentation.utf8), Array(issuer.key.publicKey.derRepresentation), keys.json.bytes,
        ]
        for secret in secrets {
            #expect(forge.refusal(of: try forge.hmac(secret: secret), with: keys) == .unsupportedAlgorithm)
        }
    }

    @Test("a modulus below 2048 bits is no key, and neither is one with leading zeros or an impossible exponent")
    func weak() throws {
        let issuer = try RSAIssuer()
        let jwk = try issuer.jwk()
        let modulus = try #require(jwk["n"]?.string.flatMap { Base64URL.decode(Array($0.utf8)) })
        func key(_ name: String, _ bytes: [UInt8]) -> PublicKey? {
            var changed = jwk
            changed[name] = .string(Base64URL.string(bytes))
            return PublicKey(jwk: changed)
        }

        #expect(PublicKey(jwk: try RSAIssuer(bits: 1024).jwk()) == nil)
        #expect(key("n", [0] + modulus) == nil)
        #expect(key("n", Array(modulus.dropLast())) == nil)
        #expect(key("n", []) == nil)
        #expect(key("n", [UInt8](repeating: 0xFF, count: 1025)) == nil)
        #expect(key("e", []) == nil)
        #expect(key("e", [0, 1, 0, 1]) == nil)
        #expect(key("e", [1]) == nil)
        #expect(key("e", [2]) == nil)
        #expect(key("e", [UInt8](repeating: 0xFF, count: 9)) == nil)
        #expect(key("e", [1, 0, 1]) != nil)
    }
}
