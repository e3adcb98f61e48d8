import NIOCore
import NIOHTTP1

/// Writes one answer to a client as the bytes of HTTP/1.1, all of them or only so many.
struct AnswerWriter {
    /// As many bytes were written as were to be: the connection must end here.
    struct CutHere: Error {}

    /// The client has closed its connection.
    struct ClientLeft: Error {}

    private enum Framing { case none, length, chunks, untilClose }

    private let channel: any Channel
    private let request: HTTPRequestHead
    private var framing = Framing.none
    private var remaining: Int?

    init(to request: HTTPRequestHead, on channel: any Channel) {
        self.channel = channel
        self.request = request
    }

    /// Whether the connection can take another request after the answer.
    var keepsConnection: Bool { Self.keepsConnection(request) && framing != .untilClose }

    /// No more than so many bytes leave.
    mutating func cut(after count: Int) {
        remaining = count
    }

    /// The bytes of an answer's head.
    /// - Parameter length: of the body where it is known whole.
    mutating func head(_ head: HTTPResponseHead, length: Int? = nil) -> ByteBuffer {
        var fields = head.headers.passedOn
        if request.method == .HEAD || head.status == .noContent || head.status == .notModified {
            framing = .none
        } else if let length {
            framing = .length
            fields.replaceOrAdd(name: "Content-Length", value: "\(length)")
        } else if fields.contains(name: "Content-Length") {
            framing = .length
        } else if request.version == .http1_1 {
            framing = .chunks
            fields.add(name: "Transfer-Encoding", value: "chunked")
        } else {
            framing = .untilClose
        }
        if !keepsConnection { fields.add(name: "Connection", value: "close") }
        let line = "HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)\r\n"
        return ByteBuffer(string: fields.reduce(into: line) { $0 += "\($1.name): \($1.value)\r\n" } + "\r\n")
    }

    /// The bytes of a part of the body.
    func body(_ bytes: ByteBuffer) -> ByteBuffer {
        guard framing == .chunks, bytes.readableBytes > 0 else { return framing == .none ? ByteBuffer() : bytes }
        var chunk = ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n")
        chunk.writeImmutableBuffer(bytes)
        chunk.writeString("\r\n")
        return chunk
    }

    /// The bytes that end the body.
    var end: ByteBuffer { framing == .chunks ? ByteBuffer(string: "0\r\n\r\n") : ByteBuffer() }

    /// Writes, and waits until the system has taken the bytes: closing earlier could cut an answer that is to stay whole.
    ///
    /// - Throws: ``CutHere``, ``ClientLeft``.
    mutating func write(_ bytes: ByteBuffer) async throws {
        var bytes = bytes
        let allowed = remaining.map { min($0, bytes.readableBytes) } ?? bytes.readableBytes
        let isCut = allowed < bytes.readableBytes
        if allowed > 0, let slice = bytes.readSlice(length: allowed) {
            do {
                try await channel.writeAndFlush(slice)
            } catch {
                throw ClientLeft()
            }
        }
        remaining = remaining.map { $0 - allowed }
        if isCut { throw CutHere() }
    }

    private static func keepsConnection(_ request: HTTPRequestHead) -> Bool {
        request.version == .http1_1 && request.isKeepAlive
    }
}
