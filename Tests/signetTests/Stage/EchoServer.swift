import NIOCore
import Synchronization

/// A server that answers each request with the request's own body, and remembers the bodies in the order in which they came.
final class EchoServer: Sendable {
    private let bodies = Mutex<[String]>([])

    /// Where it listens on 127.0.0.1.
    let port: Int

    private init(port: Int) {
        self.port = port
    }

    /// Answers while `body` runs.
    /// - Parameter port: 0 lets the system choose.
    static func run<Result: Sendable>(
        port: Int = 0, _ body: (EchoServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await LoopbackListener(port: port)
        let server = EchoServer(port: listener.port)
        return try await listener.run(answer: server.answer) { try await body(server) }
    }

    /// The body of each request that arrived.
    var received: [String] { bodies.withLock { $0 } }

    @Sendable private func answer(_ client: LoopbackListener.Connection) async throws {
        try await client.executeThenClose { inbound, _ in
            guard let request = try await RawRequest(readingFrom: inbound) else { return }
            bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\nConnection: close\r\n\r\n"
            try await client.channel.writeAndFlush(ByteBuffer(bytes: Array(head.utf8) + request.body))
        }
    }
}
