import Foundation
import SignetTestKit
import SignetTokens
import Testing

@Suite("Writing JSON")
struct JSONRoundTripTests {
    @Test(
        "is compact and escapes what must be escaped",
        arguments: [
            (.null, "null"), (true, "true"), (-7, "-7"), (.number(1.5), "1.5"), (.number(.infinity), "null"),
            (.number(.nan), "null"),
            ("a\"b\\c/d", #""a\"b\\c/d""#), ("\n\r\t\0\u{1F}\u{7F}", #""\n\r\t\u0000\u001f\u007f""#), ("é😀", "\"é😀\""),
            ([], "[]"),
            ([:], "{}"), (["b": 1, "a": [2, "x"]], #"{"b":1,"a":[2,"x"]}"#),
        ] as [(JSONValue, String)]
    )
    func written(_ value: JSONValue, text: String) {
        #expect(String(decoding: value.bytes, as: UTF8.self) == text)
    }

    @Test("is indented for people")
    func indented() {
        let value: JSONValue = ["a": [1, 2], "b": [:], "c": []]

        #expect(value.indentedText == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }

    @Test("what was written is read back as the same value, five thousand random ones")
    func roundTrip() throws {
        var random = SplitMix64(seed: 1)
        for number in 0..<5000 {
            let value = Self.value(&random, depth: 4)
            #expect(try JSONValue(parsing: value.bytes) == value, "value \(number)")
            #expect(try JSONValue(parsing: Array(value.indentedText.utf8)) == value, "value \(number), indented")
        }
    }

    @Test("Foundation, a lenient judge, reads what was written")
    func foundation() throws {
        var random = SplitMix64(seed: 2)
        for _ in 0..<500 {
            let value: JSONValue = ["value": Self.value(&random, depth: 3)]
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(value.bytes)) }
        }
    }

    @Test("a member is set in place, added at the end, and removed")
    func members() {
        var object = JSONObject()
        object["a"] = 1
        object["b"] = 2
        object["a"] = 3
        #expect(object.members.map(\.name) == ["a", "b"])
        #expect(object["a"] == 3)

        object["a"] = nil
        object["never"] = nil

        #expect(object.members.map(\.name) == ["b"])
    }

    static func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        switch random.below(depth > 0 ? 8 : 6) {
        case 0: .null
        case 1: .bool(random.happens(onceIn: 2))
        case 2: .integer(Int64(bitPattern: random.next() >> UInt64(random.below(64))))
        case 3: .number(finite(&random))
        case 4, 5: .string(text(&random))
        case 6: .array((0..<random.below(5)).map { _ in value(&random, depth: depth - 1) })
        default: object(&random, depth: depth)
        }
    }

    private static func object(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<random.below(5) { object[text(&random)] = value(&random, depth: depth - 1) }
        return .object(object)
    }

    private static func finite(_ random: inout SplitMix64) -> Double {
        while true {
            let number = Double(bitPattern: random.next())
            if number.isFinite { return number }
        }
    }

    private static func text(_ random: inout SplitMix64) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<random.below(9) {
            let bound: UInt32 = random.happens(onceIn: 2) ? 0x80 : 0x11_0000
            if let scalar = Unicode.Scalar(UInt32(random.below(Int(bound)))) { text.append(scalar) }
        }
        return String(text)
    }
}
