import Foundation
import NIOCore
import Testing

@Suite("A client that sends what is written", .timeLimit(.minutes(5)))
struct RawHTTPTests {
    @Test("a form is escaped, and arrives as one")
    func sendsForm() async throws {
        try await EchoServer.run { echo in
            _ = try await RawHTTP(port: echo.port).post("/", form: [("a b", "p+w/ %é"), ("scope", "notes:read-all_1.0")])

            #expect(echo.received == ["a%20b=p%2Bw%2F%20%25%C3%A9&scope=notes%3Aread-all_1.0"])
        }
    }

    @Test("method, path and header fields go out as given")
    func sendsHead() async throws {
        try await request { port in
            _ = try? await RawHTTP(port: port)("DELETE", "/v1/sessions?all=true", headers: [("Authorization", "Bearer x")])
        } arrives: { request in
            let head = HTTPHead(request.head)
            #expect(head.firstLine == "DELETE /v1/sessions?all=true HTTP/1.1")
            #expect(head.value("authorization") == "Bearer x")
            #expect(head.value("content-length") == nil)
        }
    }

    @Test("a connection that is reset, as by a server that is killed, is a cut answer")
    func survivesReset() async throws {
        let listener = try await LoopbackListener()
        try await listener.run { connection in
            try await connection.executeThenClose { inbound, _ in
                _ = try await RawRequest(readingFrom: inbound)
                try await connection.channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n"))
                // Closing without lingering sends a reset in place of an orderly end.
                let socket = try #require(connection.channel as? any SocketOptionProvider)
                try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
        } while: {
            _ = await #expect(throws: RawAnswer.Failure.self) { try await RawHTTP(port: listener.port)("GET", "/") }
        }
    }

    @Test("nobody there is another error than a cut answer")
    func reportsNobody() async throws {
        // Port 1 is nobody's.
        await #expect {
            try await RawHTTP(port: 1)("GET", "/")
        } throws: { error in
            !(error is RawAnswer.Failure)
        }
    }

    /// Runs `send` against a server that reads one request and hangs up.
    private func request(
        _ send: (Int) async throws -> Void, arrives check: @escaping @Sendable (RawRequest) -> Void
    ) async throws {
        let listener = try await LoopbackListener()
        try await confirmation { arrived in
            try await listener.run { connection in
                try await connection.executeThenClose { inbound, _ in
                    guard let request = try await RawRequest(readingFrom: inbound) else { return }
                    check(request)
                    arrived()
                }
            } while: {
                try await send(listener.port)
            }
        }
    }
}
