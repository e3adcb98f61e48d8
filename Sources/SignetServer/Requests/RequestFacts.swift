import HTTPTypes
import Hummingbird
import NIOCore
import SignetSessions

/// A context that knows its connection, so that work for a client who has hung up is not begun.
protocol ConnectedRequestContext: RemoteAddressRequestContext {
    var channel: any Channel { get }
}

/// The context of Signet's own server.
struct SignetRequestContext: ConnectedRequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    var remoteAddress: SocketAddress? { channel.remoteAddress }
}

/// What endpoints ask of a request besides its body.
struct RequestFacts: Sendable {
    let proxies: TrustedProxies
    /// How long a request's work is wanted.
    let patience: Duration

    /// Where a request comes from.
    func origin(of request: Request, _ context: some RequestContext) -> Origin {
        let peer = (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress
        return Origin(
            address: proxies.clientAddress(peer: peer, forwardedFor: request.headers[values: .xForwardedFor]),
            userAgent: request.headers[.userAgent], requestID: context.id
        )
    }

    /// Until when its work is wanted: for a while from now, and only while its connection is open.
    func deadline(of context: some RequestContext) -> RequestDeadline {
        let channel = (context as? any ConnectedRequestContext)?.channel
        // A clock that goes on while the process is frozen.
        let end = ContinuousClock.now.advanced(by: patience)
        return RequestDeadline { ContinuousClock.now < end && channel?.isActive ?? true }
    }
}
