import Foundation
import NIOCore
import NIOPosix
import SignetTestKit
import Testing

@testable import signet

@Suite("What the proxy leaves as it is", .timeLimit(.minutes(2)))
struct PassingTests {
    @Test("HEAD and 204 have no body, and the length that HEAD names stays")
    func withoutBody() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nConnection: close\r\n\r\n"
        try await AnsweringServer.run({ $0 == 0 ? head : "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n" }) { server in
            try await through(server.port) { http in
                let first = try await http("HEAD", "/health/live")
                #expect(first.status == 200)
                #expect(first[field: "Content-Length"] == "1234")

                let second = try await http("DELETE", "/v1/sessions/1")
                #expect(second.status == 204)
                #expect(second[field: "Transfer-Encoding"] == nil)
            }
        }
    }

    @Test("chunks arrive as chunks, and an answer that ends with its connection too")
    func chunks() async throws {
        let fields = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
        let answers = [fields + "Transfer-Encoding: chunked\r\n\r\n3\r\nwax\r\n4\r\nlamp\r\n0\r\n\r\n", fields + "\r\nwaxlamp"]
        try await AnsweringServer.run({ answers[$0] }) { server in
            try await through(server.port) { http in
                for _ in answers {
                    let answer = try await http("GET", "/")
                    #expect(answer.text == "waxlamp")
                }
            }
        }
    }

    @Test("an answer that the server breaks off is cut for the client as well")
    func brokenOff() async throws {
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwax",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwax\r\n",
        ]
        try await AnsweringServer.run({ answers[$0] }) { server in
            try await through(server.port) { http in
                for _ in answers {
                    await #expect(throws: RawAnswer.Failure.self) { try await http("GET", "/") }
                }
            }
        }
    }

    @Test("header fields go there and back in their order, but for those that concern one connection")
    func fields() async throws {
        let answer = AnsweringServer.answer(
            200, "text/plain", "wax",
            fields: ["Set-Cookie: a=1", "X-Signet-User: ada", "Set-Cookie: b=2", "Keep-Alive: timeout=5"])
        try await AnsweringServer.run({ _ in answer }) { server in
            try await through(server.port) { http in
                let answer = try await http(
                    "POST", "/a%2Fb//c?x=%7B&y=%C3%A4", headers: [("X-One", "1"), ("X-Hop", "2"), ("Connection", "X-Hop")],
                    body: "wax"
                )

                let sent = try #require(server.received.first)
                let head = HTTPHead(sent.head)
                #expect(head.firstLine == "POST /a%2Fb//c?x=%7B&y=%C3%A4 HTTP/1.1")
                #expect(head.value("Host") == "127.0.0.1:\(server.port)")
                #expect(head.value("X-One") == "1")
                #expect(head.value("X-Hop") == nil)
                #expect(head.value("Content-Length") == "3")
                #expect(answer.head.fields.filter { $0.name == "Set-Cookie" }.map(\.value) == ["a=1", "b=2"])
                #expect(answer[field: "Keep-Alive"] == nil)
            }
        }
    }

    @Test("a body of 5 MB goes both ways, whole")
    func largeBody() async throws {
        try await EchoServer.run { echo in
            try await through(echo.port) { http in
                let body = String(repeating: "sealing wax ", count: 420_000)

                let answer = try await http.post("/echo", json: body)

                #expect(answer.text.utf8.count == body.utf8.count)
                #expect(echo.received == [body])
            }
        }
    }

    @Test("one connection carries several requests, and `Expect` is answered before the body comes")
    func keepsConnection() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                try await OpenConnection.run(port: proxy.port) { connection in
                    try await connection.write(
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
                    #expect(try await connection.next() == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await connection.write(
                        "waxPOST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlamp\r\n0\r\n\r\n")
                    var received = ""
                    while !received.hasSuffix("lamp") { received += try #require(try await connection.next()) }

                    #expect(received.contains("\r\n\r\nwaxHTTP/1.1 200 OK\r\n"))
                    #expect(!received.contains("Connection: close"))
                }
                #expect(echo.received == ["wax", "lamp"])
            }
        }
    }

    @Test("what is no HTTP is answered with 400, and the connection ends")
    func noHTTP() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                let bytes = try await RawHTTP(port: proxy.port).send(Array("what is this\r\n\r\n".utf8))

                #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
                #expect(echo.received == [])
            }
        }
    }

    @Test("an event stream arrives event by event, while it goes on, and ends for the server when its reader leaves")
    func eventStream() async throws {
        let gate = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let ended = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let listener = try await LoopbackListener()
        try await listener.run { client in
            try await client.executeThenClose { inbound, _ in
                guard try await RawRequest(readingFrom: inbound) != nil else { return }
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
                try await client.channel.writeAndFlush(ByteBuffer(string: head))
                try await gate.futureResult.get()
                try await client.channel.writeAndFlush(ByteBuffer(string: "data: 2\n\n"))
                // Until the proxy closes, for its own reader has left.
                while true {
                    do {
                        try await client.channel.writeAndFlush(ByteBuffer(string: ": keep-alive\n\n"))
                    } catch {
                        return ended.succeed()
                    }
                    await Task.yield()
                }
            }
        } while: {
            try await FaultyProxy.run(to: listener.port, plan: FaultPlan([])) { proxy in
                try await OpenConnection.run(port: proxy.port) { connection in
                    try await connection.write("GET /v1/revocations HTTP/1.1\r\nHost: a\r\n\r\n")
                    var received = ""
                    while !received.contains("data: 1") { received += try #require(try await connection.next()) }
                    gate.succeed()
                    while !received.contains("data: 2") { received += try #require(try await connection.next()) }
                }
                try await ended.futureResult.get()
            }
        }
    }

    private func through(_ port: Int, _ body: (RawHTTP) async throws -> Void) async throws {
        try await FaultyProxy.run(to: port, plan: FaultPlan([])) { proxy in try await body(RawHTTP(port: proxy.port)) }
    }
}
