import Crypto
import SignetTestKit
import SignetTokens
import Testing

@Suite("Public keys as JSON Web Keys")
struct PublicKeyTests {
    @Test(
        "JWK-1, JWK-2: a key is published with what it needs and nothing private", arguments: [SignatureAlgorithm.es256, .edDSA])
    func published(_ algorithm: SignatureAlgorithm) {
        let jwk = SigningKey.seeded(1, algorithm).publicKey.jwk

        let expected: Set =
            algorithm == .es256 ? ["kty", "crv", "x", "y", "kid", "use", "alg"] : ["kty", "crv", "x", "kid", "use", "alg"]
        #expect(Set(jwk.members.map(\.name)) == expected)
        #expect(jwk["use"] == "sig")
        #expect(jwk["alg"] == .string(algorithm.rawValue))
        #expect(jwk["kty"] == (algorithm == .es256 ? "EC" : "OKP"))
    }

    @Test("JWK-2: private members of a set that we read are not published again")
    func privateMembers() throws {
        var jwk = SigningKey.seeded(1).publicKey.jwk
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] { jwk[name] = "AAAA" }

        let names = try #require(PublicKey(jwk: jwk)).jwk.members.map(\.name)

        #expect(Set(names).isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]))
    }

    @Test("JWK-3: a coordinate with a leading zero byte keeps it, and its signatures verify", arguments: [1, 33])
    func leadingZero(_ offset: Int) throws {
        // About one key in 256 has one.
        let key = try #require(
            (UInt64(1)...5000).lazy.map { SigningKey.seeded($0) }.first { key in
                let name = offset == 1 ? "x" : "y"
                return key.publicKey.jwk[name]?.string.flatMap { Base64URL.decode(Array($0.utf8)) }?.first == 0
            })

        let jwk = key.publicKey.jwk
        for name in ["x", "y"] {
            #expect(jwk[name]?.string?.utf8.count == 43)
        }
        let read = try #require(PublicKey(jwk: jwk))
        #expect(read.thumbprint == key.publicKey.thumbprint)
        #expect(read.verifies(try key.signature(over: [1, 2, 3]), over: [1, 2, 3]))
        let token = try AccessToken.fresh().signed(with: key)
        let keys = KeySet([read])
        #expect(try AccessTokenRules.example().verify(token, with: keys, now: .sometime).token == .fresh())

        // Without its zero it would be a second spelling of the key.
        var shortened = jwk
        let name = offset == 1 ? "x" : "y"
        let coordinate = try #require(jwk[name]?.string.flatMap { Base64URL.decode(Array($0.utf8)) })
        shortened[name] = .string(Base64URL.string(coordinate.dropFirst()))
        #expect(PublicKey(jwk: shortened) == nil)
        shortened[name] = .string(Base64URL.string([0] + coordinate))
        #expect(PublicKey(jwk: shortened) == nil)
    }

    @Test("JWK-4: the kid is the thumbprint: SHA-256 over the required members in code-point order")
    func thumbprint() throws {
        let key = SigningKey.seeded(1).publicKey
        let x = try #require(key.jwk["x"]?.string)
        let y = try #require(key.jwk["y"]?.string)

        let digest = SHA256.hash(data: Array(#"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#.utf8))

        #expect(key.keyID == Base64URL.string(digest))
        #expect(key.thumbprint == key.keyID)
    }

    @Test("a key is read back under its own kid, or under its thumbprint when it has none")
    func readBack() throws {
        var jwk = SigningKey.seeded(1).publicKey.jwk
        jwk["kid"] = "2024-key"
        #expect(PublicKey(jwk: jwk)?.keyID == "2024-key")
        jwk["kid"] = nil
        #expect(PublicKey(jwk: jwk)?.keyID == SigningKey.seeded(1).publicKey.thumbprint)
        jwk["use"] = nil
        jwk["alg"] = nil
        #expect(PublicKey(jwk: jwk)?.algorithm == .es256)
        jwk["key_ops"] = ["verify"]
        #expect(PublicKey(jwk: jwk) != nil)
    }

    @Test("JWK-5, VER-3: a key that we have no use for is not read", arguments: Useless.all)
    func useless(_ useless: Useless) {
        var jwk = SigningKey.seeded(1, useless.algorithm).publicKey.jwk
        for (name, value) in useless.changes { jwk[name] = value }

        #expect(PublicKey(jwk: jwk) == nil)
    }

    @Test("a signing key comes back from its private octets, and from no others")
    func secretBytes() {
        for algorithm in [SignatureAlgorithm.es256, .edDSA] {
            let key = SigningKey.seeded(9, algorithm)
            #expect(SigningKey(algorithm, secretBytes: key.secretBytes)?.publicKey.keyID == key.publicKey.keyID)
            #expect(SigningKey(algorithm, secretBytes: Secret([1, 2, 3])) == nil)
        }
        #expect(SigningKey(.es256, secretBytes: Secret([UInt8](repeating: 0, count: 32))) == nil)
        #expect(SigningKey(.es256, secretBytes: Secret([UInt8](repeating: 255, count: 32))) == nil)
        #expect(SigningKey(.rs256, secretBytes: Secret([UInt8](repeating: 1, count: 32))) == nil)
        #expect("\(SigningKey.seeded(1))".contains("[secret]"))
    }

    /// A key with something about it that rules it out.
    struct Useless: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var algorithm = SignatureAlgorithm.es256
        let changes: [(String, JSONValue?)]

        static let all: [Useless] = [
            .init(testDescription: "for encryption", changes: [("use", "enc")]),
            .init(testDescription: "for what is not a string", changes: [("use", 1)]),
            .init(testDescription: "for signing alone", changes: [("key_ops", ["sign"])]),
            .init(testDescription: "with key_ops that is no array", changes: [("key_ops", "verify")]),
            .init(testDescription: "of another algorithm", changes: [("alg", "ES384")]),
            .init(testDescription: "of an HMAC", changes: [("alg", "HS256")]),
            .init(testDescription: "of the other key's algorithm", changes: [("alg", "EdDSA")]),
            .init(testDescription: "with alg that is no string", changes: [("alg", .null)]),
            .init(testDescription: "with an empty kid", changes: [("kid", "")]),
            .init(testDescription: "with a kid of 257 bytes", changes: [("kid", .string(String(repeating: "k", count: 257)))]),
            .init(testDescription: "with a kid that is a number", changes: [("kid", 5)]),
            .init(testDescription: "without kty", changes: [("kty", nil)]),
            .init(testDescription: "with a kty in lower case", changes: [("kty", "ec")]),
            .init(testDescription: "with an unknown kty", changes: [("kty", "oct")]),
            .init(testDescription: "with another curve", changes: [("crv", "P-384")]),
            .init(testDescription: "with a curve of the wrong kind", changes: [("crv", "Ed25519")]),
            .init(testDescription: "without x", changes: [("x", nil)]),
            .init(testDescription: "without y", changes: [("y", nil)]),
            .init(testDescription: "with a coordinate that is a number", changes: [("x", 7)]),
            .init(
                testDescription: "with a point off the curve",
                changes: [("y", .string(Base64URL.string([UInt8](repeating: 1, count: 32))))]),
            .init(testDescription: "with the point 0, 0", changes: [("x", zero), ("y", zero)]),
            .init(
                testDescription: "with padding",
                changes: [("x", .string(Base64URL.string([UInt8](repeating: 1, count: 32)) + "="))]),
            .init(testDescription: "Ed448", algorithm: .edDSA, changes: [("crv", "Ed448")]),
            .init(testDescription: "X25519", algorithm: .edDSA, changes: [("crv", "X25519")]),
            .init(
                testDescription: "Ed25519 of 31 octets", algorithm: .edDSA,
                changes: [("x", .string(Base64URL.string([UInt8](repeating: 9, count: 31))))]),
            .init(testDescription: "a kty that only looks like OKP", algorithm: .edDSA, changes: [("kty", "O\u{212A}P")]),
        ]

        private static let zero = JSONValue.string(Base64URL.string([UInt8](repeating: 0, count: 32)))
    }
}
