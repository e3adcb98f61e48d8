import Foundation
import HTTPTypes
import Testing

@testable import SignetClient

@Suite("The real network", .timeLimit(.minutes(5)))
struct URLSessionTransportTests {
    let transport = URLSessionTransport()

    @Test("method, path, headers and body arrive, and so does the answer")
    func roundTrip() async throws {
        let server = try LoopbackServer { _ in
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        }
        defer { server.stop() }
        let fields: HTTPFields = [.authorization: "Bearer eyJ", .contentType: "text/plain"]

        let (response, body) = try await transport.send(
            request(server, .post, "/a/b?c=d%20e", fields), body: Data("hello".utf8), timeout: .seconds(60))

        #expect(response.status.code == 201)
        #expect(response.headerFields[.contentType] == "application/json")
        #expect(body == Data("{}".utf8))
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix("POST /a/b?c=d%20e HTTP/1.1\r\n"))
        #expect(sent.contains("Authorization: Bearer eyJ\r\n"))
        #expect(sent.hasSuffix("\r\n\r\nhello"))
    }

    @Test("a redirect is not followed", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let server = try LoopbackServer { _ in
            "HTTP/1.1 \(status) Away\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
        defer { server.stop() }

        let (response, _) = try await transport.send(request(server, .get, "/", [:]), body: nil, timeout: .seconds(60))

        #expect(response.status.code == status)
        #expect(response.headerFields[.location] == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test(
        "a 401 is an answer like any other",
        arguments: [
            "Bearer realm=\"a\", error=\"invalid_token\"", "Basic realm=\"a\"", "Digest realm=\"a\", nonce=\"b\"",
            "DPoP algs=\"ES256\"",
        ])
    func unauthorized(challenge: String) async throws {
        let server = try LoopbackServer { _ in
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: \(challenge)\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
        }
        defer { server.stop() }

        let (response, body) = try await transport.send(request(server, .get, "/", [:]), body: nil, timeout: .seconds(60))

        #expect(response.status.code == 401)
        #expect(response.headerFields[.wwwAuthenticate] == challenge)
        #expect(body == Data("no".utf8))
    }

    // Cut within the header lines the answer would end the process: see the note at ``URLSessionTransport``.
    @Test(
        "a connection that is closed or cut is an error, never half an answer",
        arguments: [
            nil, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access",
        ] as [String?])
    func cut(answer: String?) async throws {
        let server = try LoopbackServer { _ in answer }
        defer { server.stop() }

        let error = await #expect(throws: TransportError.self) {
            try await transport.send(request(server, .get, "/", [:]), body: nil, timeout: .seconds(60))
        }

        #expect(error?.description.contains("127.0.0.1") == false)
    }

    @Test("nobody listening is an error")
    func refused() async throws {
        let server = try LoopbackServer { _ in nil }
        server.stop()

        await #expect(throws: TransportError.self) {
            try await transport.send(request(server, .get, "/", [:]), body: nil, timeout: .seconds(60))
        }
    }

    @Test("a cancelled caller gets CancellationError")
    func cancelled() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _ in
            release.wait()
            return nil
        }
        defer { server.stop() }

        let call = Task { try await transport.send(request(server, .get, "/", [:]), body: nil, timeout: .seconds(60)) }
        while server.requests.isEmpty { await Task.yield() }
        call.cancel()

        await #expect(throws: CancellationError.self) { try await call.value }
        release.signal()
    }

    private func request(
        _ server: LoopbackServer, _ method: HTTPRequest.Method, _ path: String, _ fields: HTTPFields
    ) -> HTTPRequest {
        HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:\(server.port)", path: path, headerFields: fields)
    }
}
