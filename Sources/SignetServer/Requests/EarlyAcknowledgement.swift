import NIOCore

/// Gives NIO the client's acknowledgement of Signet's settings ahead of the first request, and takes the true one out when it comes.
///
/// NIO reads by smaller limits until it has the acknowledgement, yet a client sends its first request before it has even seen the
/// settings. To read more than the client knows of is for Signet alone to decide.
final class EarlyAcknowledgement: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Set when what comes cannot be read any more.
    var isDeaf = false
    private var acknowledgements: HTTP2Acknowledgements

    init(count: Int) {
        acknowledgements = HTTP2Acknowledgements(count: count)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        let bytes = acknowledgements.reordered(unwrapInboundIn(data))
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
    }
}
