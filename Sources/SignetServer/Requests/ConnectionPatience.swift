import HummingbirdCore
import Logging
import NIOCore

/// Ends connections that would outlive the server: one that is opened and never says anything, and one whose client keeps it open, or
/// never finishes its request, when the server has been told to end.
///
/// It stands before TLS, so that closing does not wait for the client's farewell either.
final class ConnectionPatience: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    /// How long a client may take to send its first byte.
    private static let untilFirstByte: TimeAmount = .seconds(10)
    /// How long what was begun may take to finish once the server was told to end; supervisors kill after ten seconds.
    private static let untilClosed: TimeAmount = .seconds(7)

    private var hasRead = false
    private var timer: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { close(context, in: Self.untilFirstByte) }
    }

    func channelActive(context: ChannelHandlerContext) {
        close(context, in: Self.untilFirstByte)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !hasRead {
            hasRead = true
            timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { close(context, in: hasRead ? Self.untilClosed : .zero) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer?.cancel()
        timer = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }
}

/// A channel of Hummingbird's whose connections are under ``ConnectionPatience``.
struct PatientChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ConnectionPatience(), position: .first)
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
