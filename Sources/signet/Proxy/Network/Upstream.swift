import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests on to the server, each on a connection of its own: what happens to one of them touches no other.
struct Upstream: Sendable {
    /// The connection ended before the answer did.
    struct Cut: Error {}

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    let address: UpstreamAddress
    private let tls: NIOSSLContext?

    /// - Parameter certificates: a PEM file with authorities to trust, instead of the system's.
    /// - Throws: NIOSSL's error when the file cannot be read.
    init(_ address: UpstreamAddress, trusting certificates: String? = nil) throws {
        self.address = address
        guard address.isTLS else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let certificates { configuration.trustRoots = .file(certificates) }
        configuration.applicationProtocols = ["http/1.1"]
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// Asks the server, and hands the answer's head and body to `read`.
    ///
    /// - Parameter parts: where the rest of a body comes from that is not whole.
    /// - Throws: ``Cut``, or NIO's error when the server cannot be reached.
    func ask<Result>(
        _ request: ProxiedRequest, rest parts: inout ProxiedRequest.Parts?,
        _ read: (HTTPResponseHead, inout AnswerBody) async throws -> Result
    ) async throws -> Result {
        let connection = try await connect()
        return try await connection.executeThenClose { inbound, outbound in
            do {
                try await send(request, rest: &parts, to: outbound)
            } catch is ChannelError {
                // It has answered and closed before it had read all; the answer is there to be read.
            }
            var body = AnswerBody(parts: inbound.makeAsyncIterator())
            return try await read(try await body.head(), &body)
        }
    }

    private func connect() async throws -> Connection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        // An address has no name to be asked for by (RFC 6066, section 3); its certificate is verified all the same.
                        let name = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil ? address.host : nil
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func send(
        _ request: ProxiedRequest, rest parts: inout ProxiedRequest.Parts?,
        to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        try await outbound.write(.head(request.head(for: address)))
        if request.body.readableBytes > 0 { try await outbound.write(.body(.byteBuffer(request.body))) }
        if !request.isWhole {
            while let bytes = try await parts?.nextBytes() { try await outbound.write(.body(.byteBuffer(bytes))) }
        }
        try await outbound.write(.end(nil))
    }
}

/// An answer's body as it comes.
struct AnswerBody {
    fileprivate var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    private(set) var isAtEnd = false

    /// The next bytes; `nil` at the end.
    /// - Throws: ``Upstream/Cut`` when the connection ended first.
    mutating func next() async throws -> ByteBuffer? {
        guard !isAtEnd else { return nil }
        switch try await parts.next(isolation: #isolation) {
        case .body(let bytes)?: return bytes
        case .end?:
            isAtEnd = true
            return nil
        default: throw Upstream.Cut()
        }
    }

    /// Everything up to the end, or until there is more than the limit.
    mutating func collect(upTo limit: Int) async throws -> ByteBuffer {
        var collected = ByteBuffer()
        while collected.readableBytes <= limit, var bytes = try await next() { collected.writeBuffer(&bytes) }
        return collected
    }

    fileprivate init(parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator) {
        self.parts = parts
    }

    fileprivate mutating func head() async throws -> HTTPResponseHead {
        guard case .head(let head)? = try await parts.next(isolation: #isolation) else { throw Upstream.Cut() }
        return head
    }
}
