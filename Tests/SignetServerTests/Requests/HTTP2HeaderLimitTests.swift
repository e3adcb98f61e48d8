import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

@testable import SignetServer

@Suite("Large headers over HTTP/2 (HTTP-6)")
struct HTTP2HeaderLimitTests {
    @Test("a connection's very first header may hold 64 KiB", arguments: [40_000, 65_000])
    func readsLargeHeaders(length: Int) throws {
        let connection = try Connection()

        try connection.send(connection.headers(stream: 1, length: length))

        #expect(try connection.streamsRead() == [1])
        #expect(connection.channel.isActive)
    }

    @Test("one that cannot be decoded ends the connection, after two seconds for the requests that are being answered")
    func finishesOthers() throws {
        let connection = try Connection()
        try connection.send(connection.headers(stream: 1, length: 10))
        try connection.send(connection.headers(stream: 3, length: 66_000))
        // Nothing behind it can be read.
        try connection.send(connection.headers(stream: 5, length: 10))
        #expect(try connection.streamsRead() == [1])
        _ = try connection.written()

        try connection.answer(stream: 1)

        #expect(try connection.written().isEmpty == false)
        connection.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1_999))
        #expect(connection.channel.isActive)
        connection.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!connection.channel.isActive)
    }

    @Test("very many small pieces end it too")
    func refusesFloods() throws {
        let connection = try Connection()

        try connection.send([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82])
        for _ in 0..<10 { try connection.send([0, 0, 1, 9, 0, 0, 0, 0, 1, 0x84]) }

        #expect(try connection.streamsRead() == [])
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!connection.channel.isActive)
    }
}

/// The server's end of a connection whose client has sent its preface and nothing else.
private final class Connection {
    let channel = EmbeddedChannel()
    private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())

    init() throws {
        try channel.pipeline.syncOperations.addHandler(NIOHTTP2Handler(mode: .server))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try HTTP2HeaderLimit.raise(on: channel)
        try send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
    }

    func send(_ bytes: [UInt8]) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    /// A request whose header has a field of so many bytes, in frames of at most 16 KiB.
    func headers(stream: UInt8, length: Int) throws -> [UInt8] {
        var block = ByteBuffer()
        let fields: HPACKHeaders = [
            ":method": "GET", ":scheme": "https", ":path": "/", ":authority": "a",
            "x-large": String(repeating: "x", count: length),
        ]
        try encoder.encode(headers: fields, to: &block)
        let bytes = Array(block.readableBytesView)
        return stride(from: 0, to: bytes.count, by: 16_384).flatMap { start in
            let piece = bytes[start..<min(start + 16_384, bytes.count)]
            // HEADERS, which ends the request, and CONTINUATION; the last of them ends the header.
            let isFirst = start == 0
            let isLast = piece.endIndex == bytes.count
            let length = [UInt8(0), UInt8(piece.count / 256), UInt8(piece.count % 256)]
            let flags: UInt8 = (isFirst ? 1 : 0) + (isLast ? 4 : 0)
            let head: [UInt8] = length + [isFirst ? 1 : 9, flags, 0, 0, 0, stream]
            return head + piece
        }
    }

    /// The streams whose header was read since the last time.
    func streamsRead() throws -> [Int] {
        var streams: [Int] = []
        while let frame = try channel.readInbound(as: HTTP2Frame.self) {
            if case .headers = frame.payload { streams.append(Int(frame.streamID)) }
        }
        return streams
    }

    func answer(stream: HTTP2StreamID) throws {
        let headers = HTTP2Frame.FramePayload.Headers(headers: [":status": "200"], endStream: true)
        try channel.writeOutbound(HTTP2Frame(streamID: stream, payload: .headers(headers)))
    }

    /// The bytes that the client was sent since the last time.
    func written() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while case .byteBuffer(let part)? = try channel.readOutbound(as: IOData.self) { bytes += part.readableBytesView }
        return bytes
    }
}
