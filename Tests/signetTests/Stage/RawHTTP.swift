import NIOCore
import NIOPosix

/// The smallest HTTP/1.1 client: one request on a connection of its own, sent as written, answered or cut; it never tries again.
struct RawHTTP: Sendable {
    /// Where the server listens on 127.0.0.1.
    let port: Int

    /// Sends a request and reads its whole answer.
    ///
    /// - Throws: ``RawAnswer/Failure/cut(received:)`` when the connection ended first; NIO's error when nobody listens.
    func callAsFunction(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: String = ""
    ) async throws -> RawAnswer {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += headers.map { "\($0): \($1)" }
        if !body.isEmpty || method == "POST" { lines.append("Content-Length: \(body.utf8.count)") }
        let answer = try await send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        return try RawAnswer(answer, toHead: method == "HEAD")
    }

    /// Posts a form (`application/x-www-form-urlencoded`).
    func post(_ path: String, form: [(String, String)], headers: [(String, String)] = []) async throws -> RawAnswer {
        let body = form.map { "\(Self.escape($0))=\(Self.escape($1))" }.joined(separator: "&")
        return try await self(
            "POST", path, headers: [("Content-Type", "application/x-www-form-urlencoded")] + headers, body: body)
    }

    /// Posts JSON.
    func post(_ path: String, json: String, headers: [(String, String)] = []) async throws -> RawAnswer {
        try await self("POST", path, headers: [("Content-Type", "application/json")] + headers, body: json)
    }

    /// Sends any bytes, and returns what came before the server closed the connection or was killed.
    func send(_ bytes: [UInt8]) async throws -> [UInt8] {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try LoopbackListener.Connection(wrappingChannelSynchronously: channel) }
            }
        return try await connection.executeThenClose { inbound, _ in
            var received: [UInt8] = []
            do {
                try await connection.channel.writeAndFlush(ByteBuffer(bytes: bytes))
                for try await part in inbound { received += part.readableBytesView }
            } catch is IOError {
                // A server that is killed resets the connection; what had come by then is what there is.
            }
            try Task.checkCancellation()
            return received
        }
    }

    private static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
