import NIOCore
import SignetTestKit
import Synchronization

/// Stands before a server and sees every renewal that reaches it: which key came with which token, and which token followed which.
final class WatchedRenewals: Sendable {
    private let serverPort: Int
    private let keys = Mutex<[String: Set<String?>]>([:])

    /// Which token followed which.
    let successions = Successions()

    /// Where clients reach it.
    let port: Int

    private init(serverPort: Int, port: Int) {
        self.serverPort = serverPort
        self.port = port
    }

    /// Stands before the server at `serverPort` while `body` runs.
    static func run<Result: Sendable>(
        to serverPort: Int, _ body: (WatchedRenewals) async throws -> Result
    ) async throws -> Result {
        let listener = try await LoopbackListener()
        let watch = WatchedRenewals(serverPort: serverPort, port: listener.port)
        return try await listener.run(answer: watch.carry) { try await body(watch) }
    }

    /// How many tokens came with more than one key, or without one.
    var tokensWithoutOneKey: Int {
        keys.withLock { keys in keys.values.filter { $0.count > 1 || $0.contains(nil) }.count }
    }

    @Sendable private func carry(_ client: LoopbackListener.Connection) async throws {
        try await client.executeThenClose { inbound, _ in
            guard let request = try await RawRequest(readingFrom: inbound) else { return }
            let token = refreshToken(in: request)
            if let token {
                successions.attempt()
                let key = HTTPHead(request.head).value("Idempotency-Key")
                keys.withLock { _ = $0[token, default: []].insert(key) }
            }
            let answer = try await RawHTTP(port: serverPort).send(request.closingConnection.bytes)
            if let token, let read = try? RawAnswer(answer), read.status == 200 {
                successions.record(try read.json(IssuedTokens.self).refreshToken, of: token)
            }
            try await client.channel.writeAndFlush(ByteBuffer(bytes: answer))
        }
    }

    /// The token that a renewal presents; its characters stand in a form as they are.
    private func refreshToken(in request: RawRequest) -> String? {
        let fields = String(decoding: request.body, as: UTF8.self).split(separator: "&")
        guard fields.contains("grant_type=refresh_token") else { return nil }
        return fields.first { $0.hasPrefix("refresh_token=") }.map { String($0.dropFirst("refresh_token=".count)) }
    }
}
