import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import SignetTestKit
import SignetTokens
import SignetVerifier
import Testing

/// The transport stands in SignetVerifier; its tests stand here, where there is a server to ask.
@Suite("Fetching keys over HTTP")
struct HTTPClientTransportTests {
    @Test("a verifier finds the keys of a server on this machine")
    func endToEnd() async throws {
        let clock = ManualClock()
        try await server.test(.live) { client in
            let issuer = TestIssuer("http://127.0.0.1:\(client.port ?? 0)")
            let verifier = AccessTokenVerifier(
                issuer: issuer.name, audience: "https://api.example.com", transport: patient, clock: clock,
                logger: .test)

            let verified = try await verifier.verify(try issuer.token(at: clock.now))
            #expect(verified.token.subject == "ada")
        }
    }

    @Test("a redirect is an answer, and is not followed")
    func redirect() async throws {
        try await server.test(.live) { client in
            let answer = try await patient.send(request(client.port, "/redirect"))

            #expect(answer.response.status == .found)
            #expect(answer.response.headerFields[.location] == "/jwks")
        }
    }

    @Test("a body of a mebibyte is read, and a longer one is not", arguments: [(1 << 20, true), (1 << 20 + 1, false)])
    func limit(_ length: Int, _ isRead: Bool) async throws {
        try await server.test(.live) { client in
            let body = try? await patient.send(request(client.port, "/long/\(length)")).body

            #expect(body?.count == (isRead ? length : nil))
        }
    }

    @Test("a server that goes on for ever is left after the time-out", .timeLimit(.minutes(5)))
    func timeout() async throws {
        try await server.test(.live) { client in
            _ = await #expect(throws: HTTPClientTransport.Fault.timedOut) {
                try await HTTPClientTransport(timeout: .milliseconds(200)).send(request(client.port, "/endless"))
            }
        }
    }

    @Test("where nobody listens there is an error, and no answer")
    func nobody() async throws {
        let port = try await server.test(.live) { $0.port }

        await #expect(throws: (any Error).self) { try await patient.send(request(port, "/jwks")) }
    }

    @Test("a stream is given piece by piece while it goes on, and no time-out ends it", .timeLimit(.minutes(5)))
    func stream() async throws {
        try await server.test(.live) { client in
            let (timeout, response, body) = try await openEndless(client.port)
            let start = ContinuousClock.now
            var isOver = false
            for try await bytes in body {
                #expect(!bytes.isEmpty)
                isOver = ContinuousClock.now - start > timeout
                if isOver { break }
            }

            #expect(response.status == .ok)
            #expect(isOver)
        }
    }

    @Test("a reader that is cancelled closes its stream", .timeLimit(.minutes(5)))
    func cancelledStream() async throws {
        try await server.test(.live) { client in
            let (read, isRead) = AsyncStream<Void>.makeStream()
            let reader = Task {
                for try await _ in try await patient.open(request(client.port, "/endless")).body { isRead.yield() }
            }
            for await _ in read { break }

            reader.cancel()

            _ = await reader.result
        }
    }

    @Test("a body is sent")
    func body() async throws {
        try await server.test(.live) { client in
            var post = request(client.port, "/echo")
            post.method = .post
            let answer = try await patient.send(post, body: Array("token=abc".utf8))

            #expect(String(decoding: answer.body, as: UTF8.self) == "token=abc")
        }
    }

    /// Opens a stream with the shortest time-out that its head keeps: a machine with other things to do may need longer.
    private func openEndless(
        _ port: Int?
    ) async throws -> (timeout: Duration, response: HTTPResponse, body: any AsyncSequence<[UInt8], any Error> & Sendable) {
        var timeout = Duration.milliseconds(200)
        while true {
            do {
                let (response, body) = try await HTTPClientTransport(timeout: timeout).open(request(port, "/endless"))
                return (timeout, response, body)
            } catch HTTPClientTransport.Fault.timedOut {
                timeout *= 2
            }
        }
    }

    /// Waits as long as a machine with other things to do may need.
    private var patient: HTTPClientTransport { HTTPClientTransport(timeout: .seconds(60)) }

    private var server: some ApplicationProtocol {
        let router = Router()
        router.get("jwks") { _, _ in json(TestIssuer().keySet.json) }
        router.get(".well-known/oauth-authorization-server") { request, _ in
            let issuer = "http://" + (request.head.authority ?? "")
            return json(["issuer": .string(issuer), "jwks_uri": .string(issuer + "/jwks")])
        }
        router.post("echo") { request, _ in try await request.body.collect(upTo: 1024) }
        router.get("redirect") { _, _ in Response(status: .found, headers: [.location: "/jwks"]) }
        router.get("long/:length") { _, context in
            ByteBuffer(repeating: 0x20, count: try context.parameters.require("length", as: Int.self))
        }
        router.get("endless") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    // One byte after the other, until nobody reads any more.
                    while !Task.isCancelled {
                        try await writer.write(ByteBuffer(string: " "))
                        try await Task.sleep(for: .milliseconds(10))
                    }
                })
        }
        return Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: .test)
    }

    private func json(_ value: JSONValue) -> ByteBuffer {
        ByteBuffer(bytes: value.bytes)
    }

    private func request(_ port: Int?, _ path: String) -> HTTPRequest {
        HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port ?? 0)", path: path)
    }
}
