import SignetTokens
import Testing

@Suite("Reading JSON strictly (TRAP-7)")
struct JSONReaderTests {
    @Test(
        "what is JSON is read",
        arguments: [
            ("null", .null), ("true", true), (" false\r\n\t", false), ("0", 0), ("-0", 0), ("-12", -12), ("\"\"", ""),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", .number(1.5)), ("1e3", .number(1000)),
            ("1E+3", .number(1000)), ("1e-2", .number(0.01)), ("-0.0", .number(-0.0)), ("1.0", .number(1)),
            ("1267650600228229401496703205376", .number(0x1p100)), ("[]", []), ("{}", [:]),
            ("[1,[2],{\"a\":3}]", [1, [2], ["a": 3]]), (" [ 1 , 2 ] ", [1, 2]),
            (" { \"a\" : 1 , \"b\" : 2 } ", ["a": 1, "b": 2]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u00E9""#, "éé"), (#""\ud83d\ude00""#, "😀"),
            (#""\u0000""#, "\0"), ("\"é😀\u{7F}\u{2028}\"", "é😀\u{7F}\u{2028}"), (#""\uFFFF""#, "\u{FFFF}"),
            (#"{"a":1,"A":2,"":3}"#, ["a": 1, "A": 2, "": 3]),
        ] as [(String, JSONValue)]
    )
    func read(_ text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "nul", "nullx", "True", "NaN", "Infinity", "-Infinity", "undefined", "'a'", "01", "-01", "00", "+1", ".5",
            "1.", "-",
            "--1", "1e", "1e+", "1.e1", "0x10", "1_000", "1,2", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1;2]", "{", "}",
            "{\"a\"",
            "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
            "{1:2}", "{\"a\"::1}",
            "\"", "\"a", "\"\\\"", "\"\\", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\"", "\"\\U0041\"", "\"\\'\"",
            "\"a\nb\"", "\"a\tb\"",
            "\"\0\"", "// comment\n1", "/* */1", "1//", "\u{FEFF}1", "\u{A0}1", "\u{B}1", "1\u{C}", "1 1", "{}{}", "[]]",
            "\"a\"b", "true false",
            "\"\\u00１1\"",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test(
        "a doubt has a name",
        arguments: [
            (#"{"a":1,"a":1}"#, .duplicateMember), (#"{"aud":1,"\u0061ud":2}"#, .duplicateMember),
            (#"[{"x":{"a":1,"b":2,"a":3}}]"#, .duplicateMember), (#"{"":1,"":2}"#, .duplicateMember),
            ("1e999", .numberOutOfRange), ("-1e999", .numberOutOfRange), (#"{"a":1e400}"#, .numberOutOfRange),
            ("1 2", .trailingBytes), ("{}x", .trailingBytes), (#""\ud800""#, .invalidUTF8), (#""\udc00""#, .invalidUTF8),
            (#""\ud800\u0041""#, .invalidUTF8), (#""\ud800\ud800""#, .invalidUTF8), (#""\ude00\ud83d""#, .invalidUTF8),
        ] as [(String, JSONError.Problem)]
    )
    func problem(_ text: String, problem: JSONError.Problem) {
        #expect(Self.problem(in: Array(text.utf8)) == problem)
    }

    @Test(
        "bytes that are not UTF-8 are refused in names and values alike",
        arguments: [
            [0xFF], [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xE2, 0x82],
        ] as [[UInt8]]
    )
    func utf8(_ bytes: [UInt8]) {
        let quoted = [0x22] + bytes + [0x22]

        #expect(Self.problem(in: quoted) == .invalidUTF8)
        #expect(Self.problem(in: Array("{".utf8) + quoted + Array(":1}".utf8)) == .invalidUTF8)
    }

    @Test("names that only look the same are two members, and names are compared by their bytes")
    func lookalikes() throws {
        let object = try #require(JSONValue(parsing: Array(#"{"\u00e9":1,"e\u0301":2}"#.utf8)).object)

        #expect(object.members.count == 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
    }

    @Test("nesting is read to the depth that is allowed and not one level further", arguments: ["[]", "{}"])
    func depth(_ pair: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            pair == "[]"
                ? Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
                : Array((String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)).utf8)
        }

        #expect(throws: Never.self) { try JSONValue(parsing: nested(16)) }
        #expect(Self.problem(in: nested(17)) == .tooDeep)
        #expect(Self.problem(in: nested(100_000)) == .tooDeep)
        #expect(throws: Never.self) { try JSONValue(parsing: nested(40), maximumDepth: 40) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(1), maximumDepth: 0) }
    }

    @Test("an object has at most 128 members")
    func members() {
        func object(_ count: Int) -> [UInt8] {
            Array(("{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}").utf8)
        }

        #expect(throws: Never.self) { try JSONValue(parsing: object(128)) }
        #expect(Self.problem(in: object(129)) == .tooManyMembers)
    }

    @Test("a very long number neither traps nor hangs")
    func longNumbers() throws {
        #expect(Self.problem(in: Array(String(repeating: "9", count: 10_000).utf8)) == .numberOutOfRange)
        #expect(throws: Never.self) { try JSONValue(parsing: Array(("0." + String(repeating: "9", count: 10_000)).utf8)) }
        #expect(throws: Never.self) { try JSONValue(parsing: Array("1e-999".utf8)) }
    }

    @Test("an error says where and what, never what stood there")
    func offset() {
        let text = Array(#"{"password": "open-sesame" x"#.utf8)

        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }

        #expect(error?.problem == .syntax)
        #expect(error?.offset == 27)
        #expect(error.map { !"\($0)".contains("open-sesame") } == true)
    }

    private static func problem(in bytes: [UInt8]) -> JSONError.Problem? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch {
            return error.problem
        }
    }
}
