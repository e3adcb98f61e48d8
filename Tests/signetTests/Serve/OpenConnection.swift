import NIOCore
import NIOPosix

/// A connection to the server on which a test writes what it likes, when it likes, and which it keeps open.
final class OpenConnection {
    private let connection: LoopbackListener.Connection
    private var parts: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

    private init(_ connection: LoopbackListener.Connection, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) {
        self.connection = connection
        parts = inbound.makeAsyncIterator()
    }

    /// Connects to a server on 127.0.0.1 while `body` runs.
    static func run<Result>(port: Int, _ body: (OpenConnection) async throws -> Result) async throws -> Result {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try LoopbackListener.Connection(wrappingChannelSynchronously: channel) }
            }
        return try await connection.executeThenClose { inbound, _ in
            try await body(OpenConnection(connection, inbound))
        }
    }

    /// Writes a part of a request, or all of it.
    func write(_ text: String) async throws {
        try await connection.channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// What comes next; `nil` when the server has closed the connection.
    func next() async throws -> String? {
        try await parts.next(isolation: #isolation).map { String(buffer: $0) }
    }

    /// Everything until the server closes the connection.
    func rest() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let part = try await parts.next(isolation: #isolation) { bytes += part.readableBytesView }
        return bytes
    }
}
