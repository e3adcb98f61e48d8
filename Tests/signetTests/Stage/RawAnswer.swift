import Foundation

/// An HTTP/1.1 answer read from its bytes, which says whether it arrived as a whole.
struct RawAnswer: Sendable {
    /// Why some bytes are not an answer.
    enum Failure: Error, Equatable {
        /// The connection ended before the answer did: so many bytes had come.
        case cut(received: Int)
    }

    let status: Int
    let head: HTTPHead
    let body: [UInt8]

    /// Reads everything that a server sent before it closed the connection.
    ///
    /// - Throws: ``Failure/cut(received:)`` when `Content-Length` or the last chunk (RFC 9112, sections 6.3 and 7.1) says that more was to come.
    init(_ bytes: [UInt8], toHead isHead: Bool = false) throws(Failure) {
        let cut = Failure.cut(received: bytes.count)
        guard let end = HTTPHead.end(in: bytes) else { throw cut }
        head = HTTPHead(bytes[..<end])
        let words = head.firstLine.split(separator: " ")
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw cut }
        self.status = status

        let rest = bytes[end...]
        if isHead || status == 204 || status == 304 {
            body = []
        } else if head.value("transfer-encoding")?.lowercased() == "chunked" {
            guard let whole = Self.body(ofChunks: rest) else { throw cut }
            body = whole
        } else if let length = head.value("content-length") {
            guard rest.count == Int(length) else { throw cut }
            body = Array(rest)
        } else {
            body = Array(rest)
        }
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first header field of that name.
    subscript(field name: String) -> String? { head.value(name) }

    /// The body's JSON as a value of that type.
    func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    private static func body(ofChunks bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var body: [UInt8] = []
        var rest = bytes
        while let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let digits = String(
                decoding: rest[..<lineEnd].prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let size = Int(digits, radix: 16), size >= 0 else { return nil }
            let chunk = rest[(lineEnd + 1)...]
            // After the last chunk come trailer fields, mostly none, and an empty line.
            guard size > 0 else { return chunk.elementsEqual("\r\n".utf8) || HTTPHead.end(in: Array(chunk)) != nil ? body : nil }
            guard chunk.count >= size + 2 else { return nil }
            body += chunk.prefix(size)
            rest = chunk.dropFirst(size + 2)
        }
        return nil
    }
}
