import SignetTestKit
import SignetTokens
import Testing

@Suite("Key sets (JWK-1, JWK-5)")
struct KeySetTests {
    private let first = SigningKey.seeded(1).publicKey
    private let second = SigningKey.seeded(2, .edDSA).publicKey

    @Test("a set is read back as it was published")
    func roundTrip() throws {
        let set = try #require(KeySet(parsing: KeySet([first, second]).json.bytes))

        #expect(set.keys.map(\.keyID) == [first.keyID, second.keyID])
        #expect(set.keys.map(\.algorithm) == [.es256, .edDSA])
        #expect(set.json == KeySet([first, second]).json)
    }

    @Test("keys that we have no use for are skipped, the rest stays usable")
    func skipped() throws {
        let document: JSONValue = [
            "keys": [
                ["kty": "oct", "k": "AAAA", "kid": "a"], ["kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "b"], [:], 5,
                "x",
                .null, [], .object(first.jwk), ["kty": "RSA", "kid": "c"],
            ],
            "other": "member",
        ]

        #expect(try #require(KeySet(parsing: document.bytes)).keys.map(\.keyID) == [first.keyID])
    }

    @Test(
        "what is no key set is none",
        arguments: [
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":null}"#, #"{"keys":[],"keys":[]}"#, #"{"keys":[]"#, "{\"keys\":[]}x",
        ])
    func none(_ text: String) {
        #expect(KeySet(parsing: Array(text.utf8)) == nil)
    }

    @Test("an empty set is a set, of nothing")
    func empty() throws {
        #expect(try #require(KeySet(parsing: Array(#"{"keys":[]}"#.utf8))).keys.isEmpty)
    }

    @Test("two keys under one kid are both refused, one key twice is one key")
    func duplicates() throws {
        var impostor = second.jwk
        impostor["kid"] = .string(first.keyID)
        let impostorsKey = try #require(PublicKey(jwk: impostor))

        #expect(KeySet([first, impostorsKey]).keys.isEmpty)
        #expect(KeySet([impostorsKey, first]).keys.isEmpty)
        #expect(KeySet([first, impostorsKey, second]).keys.map(\.keyID) == [second.keyID])
        #expect(KeySet([first, first, second]).keys.map(\.keyID) == [first.keyID, second.keyID])
        #expect(KeySet([first, first, impostorsKey]).keys.isEmpty)
    }

    @Test("a key is found by its exact kid, and by nothing that looks the same")
    func found() throws {
        var jwk = first.jwk
        jwk["kid"] = "caf\u{E9}"
        let set = KeySet([try #require(PublicKey(jwk: jwk)), second])

        #expect(set.key(named: "caf\u{E9}", algorithm: .es256)?.algorithm == .es256)
        #expect(set.key(named: "cafe\u{301}", algorithm: .es256) == nil)
        #expect(set.key(named: "", algorithm: .es256) == nil)
        #expect(set.key(named: nil, algorithm: .edDSA)?.keyID == second.keyID)
        #expect(set.key(named: nil, algorithm: .rs256) == nil)
    }
}
