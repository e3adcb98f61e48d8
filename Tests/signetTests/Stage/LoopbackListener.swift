import NIOCore

@testable import signet

/// Accepts connections on 127.0.0.1 for as long as a test needs them: what the test's own servers are made of.
struct LoopbackListener {
    /// One accepted or opened connection, in bytes.
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let listener: Listener<ByteBuffer>

    /// Where it listens.
    var port: Int { listener.port }

    /// Listens from now on; `run` must follow.
    /// - Parameter port: 0 lets the system choose.
    init(port: Int = 0) async throws {
        listener = try await Listener(port: port)
    }

    /// Hands each connection to `answer` while `body` runs; afterwards every connection is closed and the port is free.
    func run<Result: Sendable>(
        answer: @escaping @Sendable (Connection) async throws -> Void,
        while body: () async throws -> Result
    ) async throws -> Result {
        try await listener.run(answer: answer, while: body)
    }
}
