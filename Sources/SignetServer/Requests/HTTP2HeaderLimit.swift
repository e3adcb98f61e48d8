import NIOCore
import NIOHTTP2

/// Reads larger headers over HTTP/2 than NIO does by itself, so that it is ``HeaderLimits`` that refuses them: with 431, and the
/// connection goes on. What NIO gives up on ends the connection, for its compression has lost its state (RFC 9113, section 4.3).
enum HTTP2HeaderLimit {
    /// The largest header that is decoded, as HTTP/2 counts: each field's name and value and 32 bytes (RFC 9113, section 6.5.2). The
    /// limit stays finite, because a few compressed bytes can stand for very many.
    static let size = 64 * 1024

    /// How long the requests that are being answered may take, after one whose header could not be decoded.
    static let untilClosed: TimeAmount = .seconds(2)

    /// Raises the limit of a connection that was just set up and has read nothing yet.
    static func raise(on channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let http2 = try pipeline.handler(type: NIOHTTP2Handler.self)
        // NIO has just sent settings of its own; both will be acknowledged.
        let early = EarlyAcknowledgement(count: 2)
        try pipeline.addHandler(early, position: .before(http2))
        try pipeline.addHandler(UnreadableConnection(early), position: .after(http2))
        let setting = HTTP2Setting(parameter: .maxHeaderListSize, value: size)
        channel.writeAndFlush(HTTP2Frame(streamID: .rootStream, payload: .settings(.settings([setting]))), promise: nil)
    }
}

/// Lets the requests that are being answered finish when the connection cannot be read any more; Hummingbird would close at once.
final class UnreadableConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let reader: EarlyAcknowledgement

    init(_ reader: EarlyAcknowledgement) {
        self.reader = reader
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is NIOHTTP2Errors.UnableToParseFrame, is NIOHTTP2Errors.ExcessivelyLargeHeaderBlock,
            is NIOHTTP2Errors.ExcessiveContinuationFrames:
            // NIO has told the client with GOAWAY (section 6.8).
            reader.isDeaf = true
            let channel = context.channel
            context.eventLoop.scheduleTask(in: HTTP2HeaderLimit.untilClosed) { channel.close(promise: nil) }
        default:
            context.fireErrorCaught(error)
        }
    }
}
