import NIOCore
import NIOPosix

/// Accepts connections on 127.0.0.1 and a free port for as long as a test needs them: what the test's own servers are made of.
struct LoopbackListener {
    /// One accepted or opened connection, in bytes.
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let server: NIOAsyncChannel<Connection, Never>

    /// The port that the system chose.
    let port: Int

    /// Listens from now on; `run` must follow.
    init() async throws {
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        port = server.channel.localAddress?.port ?? 0
    }

    /// Hands each connection to `answer` while `body` runs; afterwards every connection is closed and the port is free.
    func run<Result: Sendable>(
        answer: @escaping @Sendable (Connection) async throws -> Void,
        while body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { tasks in
                        for try await connection in connections {
                            // A connection that breaks is what these servers are for; it must not end the others.
                            tasks.addTask { try? await answer(connection) }
                        }
                    }
                }
            }
            // When the body throws, the group cancels the server by itself.
            let result = try await body()
            group.cancelAll()
            return result
        }
    }
}
