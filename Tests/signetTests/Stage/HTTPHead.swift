/// The first line and the header fields of an HTTP/1.1 message (RFC 9112, sections 3 to 5).
struct HTTPHead: Sendable {
    /// The request line or the status line.
    let firstLine: String

    /// Names as sent and values without surrounding blanks, in their order.
    let fields: [(name: String, value: String)]

    /// Reads a head that is complete, with or without its empty line.
    init(_ bytes: some Collection<UInt8>) {
        // Swift takes CR LF for one character, hence the split on what is a newline.
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        firstLine = lines.first.map(String.init) ?? ""
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? parts[1].trimmingBlanks : "")
        }
    }

    /// The value of the first field of that name, in whatever case.
    func value(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Where the body begins, once the empty line has arrived.
    static func end(in bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (0...(bytes.count - mark.count)).first { bytes[$0...].starts(with: mark) }.map { $0 + mark.count }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...last])
    }
}
