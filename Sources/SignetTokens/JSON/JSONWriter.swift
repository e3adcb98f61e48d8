extension JSONValue {
    /// The value as JSON without white space: what goes into tokens and answers.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The value as JSON text, indented by two spaces: for people.
    public var indentedText: String {
        var writer = JSONWriter(isIndented: true)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

private struct JSONWriter {
    var bytes: [UInt8] = []
    var isIndented = false
    private var depth = 0

    init(isIndented: Bool = false) {
        self.isIndented = isIndented
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append("\(value)")
        // JSON has no word for a number that is not finite, and the reader never makes one.
        case .number(let value): append(value.isFinite ? "\(value)" : "null")
        case .string(let text): write(text)
        case .array(let elements):
            enclosed(in: "[", "]", elements) { $0.write($1) }
        case .object(let object):
            enclosed(in: "{", "}", object.members) { writer, member in
                writer.write(member.name)
                writer.append(writer.isIndented ? ": " : ":")
                writer.write(member.value)
            }
        }
    }

    private mutating func enclosed<Element>(
        in open: String, _ close: String, _ elements: [Element], _ body: (inout Self, Element) -> Void
    ) {
        append(open)
        depth += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            newLine()
            body(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { newLine() }
        append(close)
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            // DEL too: a terminal would act on it.
            case 0..<0x20, 0x7F: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func newLine() {
        if isIndented { append("\n" + String(repeating: "  ", count: depth)) }
    }
}
