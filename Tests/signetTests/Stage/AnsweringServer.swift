import NIOCore
import SignetTokens
import Synchronization

/// A server that a test writes the answers for, and that remembers the requests.
final class AnsweringServer: Sendable {
    private let requests = Mutex<[RawRequest]>([])
    private let answer: @Sendable (_ number: Int) async throws -> String

    /// Where it listens on 127.0.0.1.
    let port: Int

    private init(port: Int, _ answer: @escaping @Sendable (Int) async throws -> String) {
        self.port = port
        self.answer = answer
    }

    /// Answers while `body` runs.
    ///
    /// - Parameter answer: the whole answer to the request of that number, from 0 on.
    static func run<Result: Sendable>(
        _ answer: @escaping @Sendable (_ number: Int) async throws -> String, _ body: (AnsweringServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await LoopbackListener()
        let server = AnsweringServer(port: listener.port, answer)
        return try await listener.run(answer: server.serve) { try await body(server) }
    }

    /// An answer with its head.
    static func answer(_ status: Int, _ type: String, _ body: String, fields: [String] = []) -> String {
        let head = ["HTTP/1.1 \(status) -", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)", "Connection: close"]
        return (head + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// An answer with a JSON object.
    static func answer(_ status: Int, _ members: KeyValuePairs<String, JSONValue>) -> String {
        let object = members.reduce(into: JSONObject()) { $0[$1.key] = $1.value }
        return answer(status, "application/json", String(decoding: JSONValue.object(object).bytes, as: UTF8.self))
    }

    /// Where clients reach it.
    var url: String { "http://127.0.0.1:\(port)" }

    /// What arrived so far.
    var received: [RawRequest] { requests.withLock { $0 } }

    @Sendable private func serve(_ client: LoopbackListener.Connection) async throws {
        try await client.executeThenClose { inbound, _ in
            guard let request = try await RawRequest(readingFrom: inbound) else { return }
            let number = requests.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            try await client.channel.writeAndFlush(ByteBuffer(string: try await answer(number)))
        }
    }
}
