import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// An address cannot be listened on; the error number says why.
struct ListeningFailed: Error {
    let code: Int32
}

/// Accepts connections on one address for as long as something runs.
struct Listener<Inbound: Sendable>: Sendable {
    /// One accepted connection: what its channel reads, and bytes to write.
    typealias Connection = NIOAsyncChannel<Inbound, ByteBuffer>

    /// So many connections are open at once; further ones are closed as they come.
    static var connectionLimit: Int { 1000 }

    private let server: NIOAsyncChannel<Connection, Never>

    /// The port that is listened on: the system's choice when 0 was asked for.
    let port: Int

    /// Listens from now on; `run` must follow.
    /// - Parameter prepare: adds to a new connection's pipeline what makes its bytes into `Inbound`.
    init(
        host: String = "127.0.0.1", port: Int = 0,
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws {
        do {
            server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try prepare(channel)
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw ListeningFailed(code: (error as? IOError)?.errnoCode ?? EINVAL)
        }
        self.port = server.channel.localAddress?.port ?? 0
    }

    /// Hands each connection to `answer` while `body` runs; afterwards every connection is closed and the port is free.
    func run<Result: Sendable>(
        answer: @escaping @Sendable (Connection) async throws -> Void,
        while body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await accept(answer) }
            // When the body throws, the group cancels the server by itself.
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    private func accept(_ answer: @escaping @Sendable (Connection) async throws -> Void) async throws {
        let open = Counter()
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { tasks in
                for try await connection in connections {
                    let isOneTooMany = open.add(1) > Self.connectionLimit
                    tasks.addTask {
                        defer { _ = open.add(-1) }
                        // A connection that breaks must not end the others.
                        if isOneTooMany {
                            try? await connection.executeThenClose { _, _ in }
                        } else {
                            try? await answer(connection)
                        }
                    }
                }
            }
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func add(_ number: Int) -> Int {
            count.withLock { count in
                count += number
                return count
            }
        }
    }
}
