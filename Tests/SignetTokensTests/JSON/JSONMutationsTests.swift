import SignetTestKit
import SignetTokens
import Testing

@Suite("Mutated bytes never trap")
struct JSONMutationsTests {
    private static let seeds: [[UInt8]] = [
        JSONValue.object(AccessToken.fresh().claims).bytes, KeySet.of().json.bytes,
        Array(#"{"a":[1,-2.5e10,"\u00e9\ud83d\ude00",{"b":null}],"c":true}"#.utf8),
    ]

    @Test("twenty thousand mutated JSON texts are read or refused, and what is read can be written and read again")
    func json() throws {
        var random = SplitMix64(seed: 77)
        for number in 0..<20_000 {
            let bytes = Mutation.of(Self.seeds[number % Self.seeds.count], &random)
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            #expect(try JSONValue(parsing: value.bytes) == value, "mutation \(number)")
            // Whatever came through must be harmless to everything that reads claims and keys.
            if let object = value.object { _ = (AccessToken(claims: object), PublicKey(jwk: object)) }
        }
    }

    @Test("twenty thousand mutated key sets are read or refused")
    func keySets() {
        var random = SplitMix64(seed: 78)
        let document = KeySet.of(.seeded(1), .seeded(2, .edDSA)).json.bytes
        var usable = 0
        for _ in 0..<20_000 {
            usable += KeySet(parsing: Mutation.of(document, &random))?.keys.count ?? 0
        }

        #expect(usable > 0)
    }
}

/// Small damage, of the kinds that parsers have fallen to.
enum Mutation {
    private static let spices: [[UInt8]] =
        [
            "\"", "\\", "{", "}", "[", "]", ":", ",", ".", "-", "=", "\u{0}", "\n", "\\u0000", "\\ud800", "1e999", "-1",
            "9223372036854775808", "null",
            "\"a\":1,", "%2E", "+", "/",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]]

    static func of(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = original
        for _ in 0...random.below(4) {
            guard !bytes.isEmpty else { return bytes }
            let place = random.below(bytes.count)
            switch random.below(7) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: spices[random.below(spices.count)], at: place)
            case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
            case 5: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + random.below(16))], at: place)
            default: bytes.swapAt(place, random.below(bytes.count))
            }
        }
        return bytes
    }
}
