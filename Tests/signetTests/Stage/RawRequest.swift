import NIOCore

/// An HTTP/1.1 request as its bytes (RFC 9112): nothing is interpreted but where it ends.
struct RawRequest: Sendable {
    /// Request line and header lines, each with its CRLF, and the empty line.
    private(set) var head: [UInt8]

    /// As many bytes as `Content-Length` says.
    private(set) var body: [UInt8]

    /// All of it, as it goes over the wire.
    var bytes: [UInt8] { head + body }

    /// Reads the next request of a connection; `nil` when the connection ends before the request does.
    ///
    /// A chunked body is not understood and counts as none: clients that are tested here send `Content-Length`.
    init?(readingFrom inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws {
        var received: [UInt8] = []
        for try await part in inbound {
            received += part.readableBytesView
            guard let end = HTTPHead.end(in: received) else { continue }
            let length = Int(HTTPHead(received[..<end]).value("content-length") ?? "0") ?? 0
            guard received.count >= end + length else { continue }
            head = Array(received[..<end])
            body = Array(received[end..<(end + length)])
            return
        }
        return nil
    }

    /// The same request, asking the server to close the connection after its answer, so that the answer's end is plain to see.
    var closingConnection: RawRequest {
        var copy = self
        let lines = head.dropLast(2).split(separator: UInt8(ascii: "\n"))
        let kept = lines.filter { !String(decoding: $0, as: UTF8.self).lowercased().hasPrefix("connection:") }
        copy.head = kept.flatMap { $0 + [UInt8(ascii: "\n")] } + Array("Connection: close\r\n\r\n".utf8)
        return copy
    }
}
