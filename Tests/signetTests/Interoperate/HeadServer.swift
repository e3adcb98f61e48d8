import NIOCore

/// An API that answers each request with the head of the request as it arrived.
enum HeadServer {
    /// Answers while `body` runs.
    static func run<Result: Sendable>(_ body: (_ port: Int) async throws -> Result) async throws -> Result {
        let listener = try await LoopbackListener()
        return try await listener.run(answer: answer) { try await body(listener.port) }
    }

    @Sendable private static func answer(_ client: LoopbackListener.Connection) async throws {
        try await client.executeThenClose { inbound, _ in
            guard let request = try await RawRequest(readingFrom: inbound) else { return }
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(request.head.count)\r\nConnection: close\r\n\r\n"
            try await client.channel.writeAndFlush(ByteBuffer(bytes: Array(head.utf8) + request.head))
        }
    }
}
