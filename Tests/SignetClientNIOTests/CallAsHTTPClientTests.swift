import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import SignetClient
import SignetClientTesting
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@testable import SignetClientNIO

@Suite("Calling an API under the names of HTTPClient", .timeLimit(.minutes(5)))
struct CallAsHTTPClientTests {
    @Test("the access token goes with the request, in place of any other, and the rest stays as it is")
    func attaches() async throws {
        let service = try TokensAndNotes()
        var request = HTTPClientRequest(url: service.url.absoluteString + "/notes?tag=a%20b")
        request.method = .POST
        request.headers = ["Authorization": "Bearer stale", "X-Two": "a", "x-two": "b"]
        request.body = .bytes(ByteBuffer(string: "hello"))

        let response = try await service.client().execute(request, timeout: .seconds(60))

        #expect(response.status == .ok)
        #expect(response.headers["X-Served"] == ["1"])
        #expect(try await String(buffer: response.body.collect(upTo: 100)) == "notes")
        let sent = try #require(service.requests("/notes?tag=a%20b").first)
        #expect(sent.contains("Authorization: Bearer token1\r\n") && !sent.contains("stale"))
        #expect(sent.contains("X-Two: a\r\n") && sent.contains("x-two: b\r\n"))
        #expect(sent.contains("Content-Length: 5\r\n") && sent.hasSuffix("\r\n\r\nhello"))
    }

    @Test("a person's client calls likewise, and renews")
    func person() async throws {
        let service = try TokensAndNotes(refusing: [1])
        let client = SignetClient(server: service.url, store: MemoryTokenStore(), transport: AsyncHTTPClientTransport())
        try await client.signIn(username: "ada", password: TestPassword.of("ada"))

        let response = try await client.execute(
            HTTPClientRequest(url: service.url.absoluteString + "/notes"), timeout: .seconds(60))

        #expect(response.status == .ok)
        #expect(service.requests("/oauth/token").first?.contains("grant_type=refresh_token") == true)
        #expect(service.requests("/notes").count == 2)
    }

    @Test(
        "a refused token is replaced once and the request repeated with its body; what stays refused is the answer",
        arguments: [1, 2])
    func repeats(refused: Int) async throws {
        let service = try TokensAndNotes(refusing: Set(1...refused))
        var request = HTTPClientRequest(url: service.url.absoluteString + "/notes")
        request.method = .PUT
        request.body = .bytes(ByteBuffer(string: "hello"))

        let response = try await service.client().execute(request, timeout: .seconds(60))

        #expect(response.status == (refused == 1 ? .ok : .unauthorized))
        #expect(service.requests("/notes").map { $0.hasSuffix("\r\n\r\nhello") } == [true, true])
        #expect(service.requests("/oauth/token").count == 2)
    }

    @Test("a stream is sent once: its 401 is the answer, and the next call has another token")
    func streamOnce() async throws {
        let service = try TokensAndNotes(refusing: [1])
        let client = try service.client()
        var request = HTTPClientRequest(url: service.url.absoluteString + "/notes")
        request.method = .PUT
        request.body = .stream(stream("streamed"), length: .known(Int64(8)))

        let response = try await client.execute(request, timeout: .seconds(60))

        #expect(response.status == .unauthorized)
        #expect(service.requests("/notes").map { $0.hasSuffix("\r\n\r\nstreamed") } == [true])
        request.body = .stream(stream("streamed"), length: .known(Int64(8)))
        #expect(try await client.execute(request, timeout: .seconds(60)).status == .ok)
    }

    @Test("what can be sent again is known")
    func repeatable() {
        #expect(HTTPClientRequest.Body.bytes(ByteBuffer(string: "a")).isRepeatable)
        #expect(HTTPClientRequest.Body.bytes([1, 2, 3]).isRepeatable)
        #expect(HTTPClientRequest.Body.bytes(Data("abc".utf8), length: .known(Int64(3))).isRepeatable)
        #expect(!HTTPClientRequest.Body.stream(stream("a"), length: .known(Int64(1))).isRepeatable)
        #expect(!HTTPClientRequest.Body.stream(stream("a"), length: .unknown).isRepeatable)
    }

    @Test("a redirect is followed within the origin, elsewhere it is the answer, and a stream is not sent along")
    func redirects() async throws {
        let elsewhere = try TokensAndNotes()
        let away = elsewhere.url.absoluteString + "/notes"
        let service = try TokensAndNotes { line in
            if line.contains(" /moved ") { return TokensAndNotes.answer("307 Moved", "Location: /notes", "") }
            return line.contains(" /away ") ? TokensAndNotes.answer("307 Moved", "Location: \(away)", "") : nil
        }
        let client = try service.client()
        var request = HTTPClientRequest(url: service.url.absoluteString + "/moved")
        request.method = .PUT
        request.body = .bytes(ByteBuffer(string: "hello"))

        #expect(try await client.execute(request, timeout: .seconds(60)).status == .ok)
        #expect(service.requests("/notes").map { $0.hasSuffix("hello") } == [true])

        request.body = .stream(stream("hello"), length: .known(Int64(5)))
        #expect(try await client.execute(request, timeout: .seconds(60)).status == .temporaryRedirect)
        #expect(service.requests("/notes").count == 1)

        request = HTTPClientRequest(url: service.url.absoluteString + "/away")
        #expect(try await client.execute(request, timeout: .seconds(60)).status == .temporaryRedirect)
        #expect(elsewhere.requests("/notes").isEmpty)
    }

    @Test("an origin that was not named gets nothing", arguments: ["https://evil.example.com/notes", "unix:///run/notes", ""])
    func origins(url: String) async throws {
        let service = try TokensAndNotes()

        let error = await #expect(throws: SignetClientError.self) {
            try await service.client().execute(HTTPClientRequest(url: url), timeout: .seconds(60))
        }

        guard case .originNotNamed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(service.requests("/oauth/token").isEmpty)
    }

    @Test(
        "the time-out is for all of it: a token that does not come, and an API that does not answer",
        arguments: ["/oauth/token", "/notes"])
    func timeout(silent: String) async throws {
        let release = DispatchSemaphore(value: 0)
        let service = try TokensAndNotes { line in
            guard line.contains(" \(silent) ") else { return nil }
            release.wait()
            return ""
        }
        let start = ContinuousClock.now

        await #expect(throws: SignetClientError.network(.timedOut)) {
            let request = HTTPClientRequest(url: service.url.absoluteString + "/notes")
            _ = try await service.client().execute(request, timeout: .milliseconds(500))
        }

        // The token's request alone would have waited for ten seconds, twice.
        #expect(ContinuousClock.now - start < .seconds(19))
        for _ in 0..<4 { release.signal() }
    }

    @Test("an answer can be read after the client is gone, as it arrives")
    func outlives() async throws {
        let rest = DispatchSemaphore(value: 0)
        let api = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
            rest.wait()
            connection.write("two")
        }
        defer { api.stop() }
        let service = try TokensAndNotes()
        let id = try #require(ClientID("orders"))
        let apiURL = try #require(URL(string: "http://127.0.0.1:\(api.port)"))
        var client: ConfidentialClient? = ConfidentialClient(
            server: service.url, clientID: id, clientSecret: Secret("secret"), origins: [apiURL],
            transport: AsyncHTTPClientTransport())

        let response = try #require(
            try await client?.execute(HTTPClientRequest(url: apiURL.absoluteString), timeout: .seconds(60)))
        client = nil
        var pieces = response.body.makeAsyncIterator()

        #expect(try await pieces.next().map { String(buffer: $0) } == "one")
        rest.signal()
        #expect(try await pieces.next().map { String(buffer: $0) } == "two")
        #expect(try await pieces.next() == nil)
    }

    @Test("it works over a transport of another kind too, such as one of a test")
    func otherTransport() async throws {
        let fake = RecordingTransport()
        let service = try TokensAndNotes()
        var request = HTTPClientRequest(url: service.url.absoluteString + "/notes")
        request.method = .POST
        request.body = .stream(stream("streamed"), length: .unknown)

        let response = try await service.client(fake).execute(request, timeout: .seconds(60))

        #expect(response.status == .ok)
        #expect(try await String(buffer: response.body.collect(upTo: 1000)).contains("token1"))
        #expect(fake.bodies == ["grant_type=client_credentials", "streamed"])
    }

    private func stream(_ text: String) -> AsyncStream<ByteBuffer> {
        AsyncStream { stream in
            stream.yield(ByteBuffer(string: text))
            stream.finish()
        }
    }
}

/// Answers every request with a token.
private final class RecordingTransport: Transport {
    private let received = Mutex<[String]>([])

    var bodies: [String] { received.withLock { $0 } }

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        received.withLock { $0.append(String(decoding: body ?? Data(), as: UTF8.self)) }
        let token = #"{"access_token":"token1","token_type":"Bearer","expires_in":300}"#
        return (HTTPResponse(status: .ok, headerFields: [.contentType: "application/json"]), Data(token.utf8))
    }
}
