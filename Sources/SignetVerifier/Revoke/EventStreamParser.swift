/// Reads `text/event-stream` (WHATWG HTML, section 9.2.6), in whatever pieces its bytes arrive; pure.
///
/// Nothing is kept beyond one unfinished line and one unfinished event, and both have a limit: past it the stream is given up.
struct EventStreamParser: Sendable {
    /// A line or an event that is longer than anything the feed sends.
    struct TooLong: Error, Hashable {}

    /// The longest line, comments too, in bytes: twice the longest token.
    static let lineLimit = 16 * 1024
    /// The most data that one event may hold, in bytes.
    static let dataLimit = 64 * 1024

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// How long the server asks its readers to wait before they come back (`retry:`).
    private(set) var retry: Duration?

    private var line: [UInt8] = []
    private var isFirstLine = true
    private var endedWithCR = false

    private var name: [UInt8] = []
    private var data: [UInt8]?
    private var lastID: [UInt8] = []

    /// The events that these bytes complete. What the stream ends in the middle of is never one.
    /// - Throws: ``TooLong``; the stream is not to be read any further.
    mutating func events(in bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            // CRLF is one end of a line, also when the two come in different pieces.
            let isSecondHalf = endedWithCR && byte == 0x0A
            endedWithCR = byte == 0x0D
            if isSecondHalf { continue }

            guard byte == 0x0A || byte == 0x0D else {
                guard line.count < Self.lineLimit else { throw TooLong() }
                line.append(byte)
                continue
            }
            if let event = try endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() throws(TooLong) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine, line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        isFirstLine = false
        guard !line.isEmpty else { return dispatch() }

        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        try take(field: line[..<colon], Array(value))
        return nil
    }

    private mutating func take(field: ArraySlice<UInt8>, _ value: [UInt8]) throws(TooLong) {
        // A comment has an empty name, and is ignored like any that is unknown.
        switch String(decoding: field, as: UTF8.self) {
        case "event": name = value
        case "data":
            let joined = data.map { $0 + [0x0A] + value } ?? value
            guard joined.count <= Self.dataLimit else { throw TooLong() }
            data = joined
        case "id" where !value.contains(0): lastID = value
        case "retry" where !value.isEmpty && value.allSatisfy { (0x30...0x39).contains($0) }:
            retry = Int64(String(decoding: value, as: UTF8.self)).map { .milliseconds($0) }
        default: break
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            name = []
            data = nil
        }
        // The standard's buffer cannot tell no data from empty data: neither makes an event.
        guard let data, !data.isEmpty else { return nil }
        return ServerSentEvent(
            name: name.isEmpty ? "message" : String(decoding: name, as: UTF8.self), data: String(decoding: data, as: UTF8.self),
            lastID: String(decoding: lastID, as: UTF8.self))
    }
}

/// One event of a stream.
struct ServerSentEvent: Hashable, Sendable {
    /// `event:`, or `message` without one.
    let name: String
    /// The `data:` lines, joined by line feeds.
    let data: String
    /// The last `id:` that the stream had, this event's or an earlier one's; empty before the first.
    let lastID: String
}
