import SignetTestKit
import Testing

@testable import SignetVerifier

@Suite("Reading an event stream")
struct EventStreamParserTests {
    /// A stream, and the events that it holds by the standard's rules.
    struct Example: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        let events: [[String]]

        init(_ name: String, _ text: String, _ events: [[String]]) {
            testDescription = name
            self.text = text
            self.events = events
        }
    }

    static let examples = [
        Example("one event", "event: live\nid: e.1\ndata: x\n\n", [["live", "x", "e.1"]]),
        Example("lines that end with CR", "event: live\rid: e.1\rdata: x\r\r", [["live", "x", "e.1"]]),
        Example("lines that end with CRLF", "event: live\r\nid: e.1\r\ndata: x\r\n\r\n", [["live", "x", "e.1"]]),
        Example("all three ends of a line", "event: a\rdata: 1\n\r\ndata: 2\r\rdata: 3\n\n", [["a", "1", ""], ["2"], ["3"]]),
        Example("LF and CR are two ends", "data: 1\n\rdata: 2\n\n", [["1"], ["2"]]),
        Example("a byte order mark at the start", "\u{FEFF}data: x\n\n", [["x"]]),
        Example("a byte order mark elsewhere is a character", "\n\u{FEFF}data: x\ndata: y\n\n", [["y"]]),
        Example("several data lines", "data: YHOO\ndata: +2\ndata: 10\n\n", [["YHOO\n+2\n10"]]),
        Example("an empty line of data among others", "data: a\ndata\ndata:\ndata: b\n\n", [["a\n\n\nb"]]),
        Example("exactly one space is dropped", "data:  a\n\ndata:b\n\ndata:\tc\n\n", [[" a"], ["b"], ["\tc"]]),
        Example("comments", ": keep-alive\n\n:\n: x\ndata: 1\n: y\n\n", [["1"]]),
        Example("unknown fields", "foo: bar\ndata: 1\nDATA: 2\n data: 3\nevent\n\n", [["1"]]),
        Example("a colon in the value", "data: a: b:c\n\n", [["a: b:c"]]),
        Example("no data, no event", "event: a\nid: 1\n\ndata: x\n\n", [["message", "x", "1"]]),
        Example(
            "an id stays until the next", "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            [["message", "a", "1"], ["message", "b", "1"], ["c"]]),
        Example(
            "an id with NUL is ignored", "id: 1\ndata: a\n\nid: 2\u{0}\ndata: b\n\n",
            [["message", "a", "1"], ["message", "b", "1"]]),
        Example("the name is forgotten after its event", "event: a\ndata: 1\n\ndata: 2\n\n", [["a", "1", ""], ["2"]]),
        Example("an unfinished event at the end", "data: 1\n\ndata: 2\n", [["1"]]),
        Example("an unfinished line at the end", "data: 1\n\nevent: x\ndata: 2", [["1"]]),
        Example("more than ASCII", "event: größe\nid: ✓\ndata: 🦊 ü\ndata: 字\n\n", [["größe", "🦊 ü\n字", "✓"]]),
        Example("a retry is no event", "retry: 2000\n\ndata: 1\n\n", [["1"]]),
        Example("nothing", "", []),
    ]

    @Test("by the standard's rules, in one piece, SSE-5", arguments: examples)
    func whole(_ example: Example) throws {
        #expect(try Self.read([Array(example.text.utf8)]) == Self.expected(example))
    }

    @Test("split anywhere, also inside a character or a CRLF, it reads the same, SSE-5", arguments: examples)
    func split(_ example: Example) throws {
        let bytes = Array(example.text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map { Array($0) }
                #expect(try Self.read(pieces) == Self.expected(example), "split at \(first) and \(second)")
            }
        }
        #expect(try Self.read(bytes.map { [$0] }) == Self.expected(example), "byte by byte")
    }

    @Test("an event is there as soon as its empty line has begun to end")
    func atOnce() throws {
        var parser = EventStreamParser()

        #expect(try parser.events(in: Array("data: 1\r\n\r".utf8)).count == 1)
        #expect(try parser.events(in: Array("\n".utf8)).isEmpty)
    }

    @Test("the server's wish for a pause is milliseconds in digits alone")
    func retry() throws {
        var parser = EventStreamParser()
        _ = try parser.events(in: Array("retry: 2000\n".utf8))
        #expect(parser.retry == .seconds(2))

        for wrong in ["retry: 1s", "retry: -1", "retry:", "retry: 1.5", "retry: ٣"] {
            _ = try parser.events(in: Array((wrong + "\n").utf8))
            #expect(parser.retry == .seconds(2))
        }
    }

    @Test("a line is bounded, whatever it holds", arguments: ["data: ", ": ", "foo"])
    func lineLimit(_ start: String) throws {
        let line = start + String(repeating: "x", count: EventStreamParser.lineLimit - start.utf8.count)
        var parser = EventStreamParser()
        _ = try parser.events(in: Array((line + "\n").utf8))

        _ = try parser.events(in: Array(line.utf8))
        #expect(throws: EventStreamParser.TooLong()) { try parser.events(in: [0x78]) }
    }

    @Test("an event is bounded, however many lines it has")
    func dataLimit() throws {
        let line = Array(("data: " + String(repeating: "x", count: 1023) + "\n").utf8)
        var parser = EventStreamParser()
        for _ in 0..<64 { _ = try parser.events(in: line) }
        #expect(throws: EventStreamParser.TooLong()) { try parser.events(in: Array("data\ndata\n".utf8)) }
    }

    @Test("rubbish is never an error of another kind")
    func rubbish() throws {
        var generator = SplitMix64(seed: 5)
        let alphabet = Array("data:id event\n\r\u{0}é".utf8) + [0xFF, 0xEF, 0xBB, 0xBF]
        for _ in 0..<2000 {
            let bytes = (0..<generator.below(200)).map { _ in alphabet[generator.below(alphabet.count)] }
            let cut = generator.below(bytes.count + 1)

            let whole = try Self.read([bytes])
            #expect(try Self.read([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
    }

    private static func expected(_ example: Example) -> [ServerSentEvent] {
        example.events.map { parts in
            parts.count == 1
                ? ServerSentEvent(name: "message", data: parts[0], lastID: "")
                : ServerSentEvent(name: parts[0], data: parts[1], lastID: parts[2])
        }
    }

    private static func read(_ pieces: [[UInt8]]) throws -> [ServerSentEvent] {
        var parser = EventStreamParser()
        return try pieces.flatMap { try parser.events(in: $0) }
    }
}
