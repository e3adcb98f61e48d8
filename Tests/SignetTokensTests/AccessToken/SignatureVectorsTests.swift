import Crypto
import Foundation
import SignetTokens
import Testing

@Suite("Wycheproof's signatures (VER-6, TRAP-4)")
struct SignatureVectorsTests {
    @Test("ES256: every line is answered as it should be")
    func es256() throws {
        try check("es256-signatures", lines: 262) { key in
            // 04 and two coordinates of 32 octets.
            PublicKey(
                jwk: JSONObject([
                    .init(name: "kty", value: "EC"), .init(name: "crv", value: "P-256"),
                    .init(name: "x", value: .string(Base64URL.string(key[1..<33]))),
                    .init(name: "y", value: .string(Base64URL.string(key[33...]))),
                ]))
        }
    }

    @Test("Ed25519: every line is answered as it should be")
    func ed25519() throws {
        try check("ed25519-signatures", lines: 151) { key in
            PublicKey(
                jwk: JSONObject([
                    .init(name: "kty", value: "OKP"), .init(name: "crv", value: "Ed25519"),
                    .init(name: "x", value: .string(Base64URL.string(key))),
                ]))
        }
    }

    private func check(_ file: String, lines count: Int, _ publicKey: ([UInt8]) -> PublicKey?) throws {
        let url = try #require(Bundle.module.url(forResource: file, withExtension: "jsonl", subdirectory: "Vectors"))
        let lines = try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == count)
        for (number, line) in lines.enumerated() {
            let vector = try #require(JSONValue(parsing: Array(line)).object)
            func bytes(_ name: String) throws -> [UInt8] {
                let text = try #require(vector[name]?.string)
                return try #require(Self.bytes(ofHex: text))
            }
            let key = try #require(publicKey(try bytes("key")), "line \(number + 1) has no key")

            let isValid = key.verifies(try bytes("signature"), over: try bytes("message"))

            #expect(isValid == vector["valid"]?.bool, "line \(number + 1): \(vector["about"]?.string ?? "")")
        }
    }

    private static func bytes(ofHex text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
