import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOPosix
import SignetServer
import Testing

@testable import SignetServer

@Suite("Over a real connection")
struct ConnectionTests {
    @Test("the story is told on one connection, and the device list shows where it came from")
    func tellsStory() async throws {
        try await TestServer.run(.live, context: SignetRequestContext.self) { server in
            let tokens = try await server.signedIn()
            let renewed = try await server.renew(tokens.refresh, key: Key.first).tokens()
            let device = try await server.get("/v1/sessions/\(tokens.session)", bearer: renewed.access)
            let head = try await server.send(.head, "/v1/account", [.authorization: "Bearer \(renewed.access)"])

            #expect(["127.0.0.0/24", "::/48"].contains(device["address"]))
            #expect(head.status == 200)
            #expect(try await server.renew("rubbish").verdict == "400 invalid_grant")
            #expect(try await server.get("/nothing").status == 404)
        }
    }

    @Test(
        "a header too large for the decoder is answered 431 (HTTP-6)",
        arguments: [
            "X: " + String(repeating: "x", count: 9_000), "X: " + String(repeating: "x", count: 17_000),
            "X: " + String(repeating: "x", count: 100_000),
            (0..<20).map { "X-\($0): " + String(repeating: "x", count: 8_000) }.joined(separator: "\r\n"),
            (0..<300).map { "X-\($0): x" }.joined(separator: "\r\n"),
        ]
    )
    func answers431(headers: String) async throws {
        try await TestServer.run(.live, context: SignetRequestContext.self) { server in
            let answer = try await server.exchange(
                "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)\r\n\r\n")

            #expect(answer.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test("what is no HTTP is answered 400, and is no fault of ours", arguments: ["\u{16}\u{3}\u{1}\r\n\r\n", "GET\r\n\r\n"])
    func answers400(text: String) async throws {
        try await TestServer.run(.live, context: SignetRequestContext.self) { server in
            let answer = try await server.exchange(text)

            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(server.errors.isEmpty)
        }
    }

    @Test("a form cut off by the end of its connection decides nothing, and is no fault of ours")
    func ignoresCutForms() async throws {
        try await TestServer.run(.live, context: SignetRequestContext.self) { server in
            let refresh = try await server.signedIn().refresh
            let body = String(
                decoding: Form.encode([("grant_type", "refresh_token"), ("refresh_token", refresh)]), as: UTF8.self)

            let answer = try await server.exchange(
                "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: \(body.utf8.count + 40)\r\n\r\n\(body)", hangsUp: true)

            #expect(!answer.hasPrefix("HTTP/1.1 2"))
            #expect(server.errors.isEmpty)
            #expect(try await server.renew(refresh, key: Key.first).status == 200)
        }
    }
}

extension TestServer {
    /// Sends bytes on a connection of their own, and gives back all that comes until the server closes it.
    fileprivate func exchange(_ text: String, hangsUp: Bool = false) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .connect(host: "localhost", port: client.port ?? 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // The server may have heard enough, and close, before everything is sent.
            try? await outbound.write(ByteBuffer(string: text))
            if hangsUp { outbound.finish() }
            var answer = ""
            do {
                for try await buffer in inbound { answer += String(buffer: buffer) }
            } catch is IOError {}
            return answer
        }
    }
}
