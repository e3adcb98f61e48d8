import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Connections under TLS: HTTP/2 for clients that offer it (RFC 9113, section 3.2), HTTP/1.1 for the others.
///
/// It is put together from Hummingbird's two channels, because Hummingbird's own way of joining them does not let the HTTP/2
/// connection be reached, and ``HTTP2HeaderLimit`` must reach it.
struct SecureChannel: ServerChildChannel {
    /// What is offered to clients, the best first (RFC 7301).
    static let protocols = ["h2", "http/1.1"]

    /// A connection, and what was agreed on once the handshake is done.
    struct Value: ServerChildChannelValue {
        let agreed: EventLoopFuture<Agreed>
        let channel: any Channel
    }

    /// What the two sides speak.
    enum Agreed: Sendable {
        case http1(HTTP1Channel.Value)
        case http2(HTTP2Channel.Value)
    }

    private let context: NIOSSLContext
    private let http1: HTTP1Channel
    private let http2: HTTP2Channel

    /// - Parameter context: made of a configuration that offers ``protocols``.
    init(
        context: NIOSSLContext, configuration: HTTP2ChannelConfiguration, responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.context = context
        http1 = HTTP1Channel(responder: responder, configuration: configuration.streamConfiguration)
        http2 = HTTP2Channel(responder: responder, configuration: configuration)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Agreed> { result in
                guard case .negotiated("h2") = result else {
                    return http1.setup(channel: channel, logger: logger).map { .http1($0) }
                }
                return http2.setup(channel: channel, logger: logger).flatMapThrowing { connection in
                    try HTTP2HeaderLimit.raise(on: channel)
                    return .http2(connection)
                }
            }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers(NIOSSLServerHandler(context: context), negotiation)
            return Value(agreed: negotiation.protocolNegotiationResult, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.agreed.get() {
            case .http1(let connection): await http1.handle(value: connection, logger: logger)
            case .http2(let connection): await http2.handle(value: connection, logger: logger)
            }
        } catch {
            logger.debug("A handshake failed", metadata: ["error.type": "\(type(of: error))"])
        }
    }
}
