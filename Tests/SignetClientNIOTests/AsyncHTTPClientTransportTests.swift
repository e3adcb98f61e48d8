import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import SignetClient
import SignetClientTesting
import SignetTestKit
import Synchronization
import Testing

@testable import SignetClientNIO

@Suite("The transport by async-http-client, and what it promises", .timeLimit(.minutes(5)))
struct AsyncHTTPClientTransportTests {
    @Test("keeps its promise", arguments: TransportContract.promises)
    func promise(_ promise: TransportContract) async throws {
        try await promise.hold(for: AsyncHTTPClientTransport())
    }

    @Test("keeps its promise on a client that others use too", arguments: TransportContract.promises)
    func promiseOnShared(_ promise: TransportContract) async throws {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        do {
            try await promise.hold(for: AsyncHTTPClientTransport(client))
        } catch {
            Issue.record(error)
        }
        try await client.shutdown()
    }

    @Test("a server whose answer is not read has to wait, and all of it arrives in the end")
    func slowsDown() async throws {
        let block = String(repeating: "0123456789abcdef", count: 4096)
        let total = 256 << 20
        let hasStalled = DispatchSemaphore(value: 0)
        let sent = Mutex(0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            var isFirst = true
            while sent.withLock({ $0 }) < total {
                while isFirst, !connection.waitUntilTaken() {
                    isFirst = false
                    hasStalled.signal()
                }
                guard connection.write(block) else { return }
                sent.withLock { $0 += block.utf8.count }
            }
            if isFirst { hasStalled.signal() }
        }
        defer { server.stop() }

        let (_, body) = try await AsyncHTTPClientTransport().open(server.request(), body: .empty, timeout: .seconds(60))
        #expect(await waited(for: hasStalled))
        #expect(sent.withLock { $0 } < total / 4)
        var count = 0
        for try await piece in body { count += piece.count }

        #expect(count == total)
    }

    @Test("what takes longer than the time-out is waited for, as long as the other side gives signs; then it is given up")
    func silence() async throws {
        let clock = ManualClock()
        let silence = Silence(limit: .seconds(10), clock: clock)

        let signs = try await silence.orEnd {
            for _ in 0..<8 {
                clock.advance(by: .seconds(9))
                silence.sign()
                await Task.yield()
            }
            return 8
        }
        #expect(signs == 8)

        let unheard = Task { try await silence.orEnd { try await Task.sleep(for: .seconds(600)) } }
        while clock.sleepers < 1 { await Task.yield() }
        clock.advance(by: .seconds(10))
        await #expect(throws: TransportError.timedOut) { try await unheard.value }
    }

    #if os(Linux)
        @Test("a file does not stand in memory while it is sent")
        func largeFile() async throws {
            let before = try residentBytes()
            let during = Mutex<Int?>(nil)
            let server = try LoopbackServer(readsBody: false) { _, _ in
                let now = try? residentBytes()
                during.withLock { $0 = now }
            }
            defer { server.stop() }
            let folder = try TemporaryFolder()
            let url = URL(filePath: folder.file("large"))
            try Data().write(to: url)
            try FileHandle(forWritingTo: url).truncate(atOffset: 2 << 30)

            await #expect(throws: TransportError.self) {
                try await AsyncHTTPClientTransport().open(server.request(.put), body: .file(url), timeout: .seconds(60))
            }

            let seen = during.withLock { $0 }
            let most = try #require(seen)
            #expect(most - before < 512 << 20)
        }

        private func residentBytes() throws -> Int {
            let line = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
                .first { $0.hasPrefix("VmRSS:") }
            return try #require(line?.split(separator: " ").compactMap { Int($0) }.first) * 1024
        }
    #endif

    @Test("an answer that is longer than the limit is not taken, whether it says its length or not")
    func bodyLimit() async throws {
        for (head, body) in [("Content-Length: 5\r\n", "12345"), ("", "12345"), ("Content-Length: 4\r\n", "1234")] {
            let server = try LoopbackServer { _ in "HTTP/1.1 200 OK\r\nConnection: close\r\n\(head)\r\n\(body)" }
            defer { server.stop() }
            let transport = AsyncHTTPClientTransport(bodyLimit: 4)

            if body.count <= 4 {
                #expect(try await transport.send(server.request(), body: nil, timeout: .seconds(60)).1.count == 4)
            } else {
                await #expect(throws: TransportError("the answer is longer than 4 bytes")) {
                    try await transport.send(server.request(), body: nil, timeout: .seconds(60))
                }
            }
        }
    }

    @Test("the user agent goes with each request that has none")
    func userAgent() async throws {
        let server = try LoopbackServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" }
        defer { server.stop() }
        let transport = AsyncHTTPClientTransport(userAgent: "orders/2")

        _ = try await transport.send(server.request(), body: nil, timeout: .seconds(60))
        _ = try await transport.send(server.request(.get, "/", [.userAgent: "mine"]), body: nil, timeout: .seconds(60))

        #expect(server.requests.map { $0.contains("User-Agent: orders/2\r\n") } == [true, false])
        #expect(server.requests.map { $0.contains("User-Agent: mine\r\n") } == [false, true])
    }

    @Test(
        "a client that follows redirects takes no body and no token elsewhere, and its answer is an error",
        arguments: [302, 303, 307])
    func followingClient(status: Int) async throws {
        let elsewhere = try LoopbackServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" }
        defer { elsewhere.stop() }
        let location = "http://127.0.0.1:\(elsewhere.port)/"
        let server = try LoopbackServer { _ in
            "HTTP/1.1 \(status) Away\r\nLocation: \(location)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
        defer { server.stop() }
        let client = HTTPClient()
        let request = server.request(.post, "/", [.authorization: "Basic c2VjcmV0"])

        // 307 wants the body again, which is a stream: there the client gives the answer itself.
        let status = try? await AsyncHTTPClientTransport(client).send(request, body: Data("secret=1".utf8), timeout: .seconds(60))
            .0
        try await client.shutdown()

        #expect(status?.status.code ?? 307 == 307)
        #expect(!elsewhere.requests.contains { $0.contains("secret=1") || $0.contains("c2VjcmV0") })
    }

    @Test("nor does a call under the names of HTTPClient, whose body has its length all the same", arguments: [307, 308])
    func followingClientExecutes(status: Int) async throws {
        let elsewhere = try LoopbackServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" }
        defer { elsewhere.stop() }
        let location = "http://127.0.0.1:\(elsewhere.port)/"
        let service = try TokensAndNotes { line in
            guard line.contains(" /notes ") else { return nil }
            return "HTTP/1.1 \(status) Away\r\nLocation: \(location)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
        let client = HTTPClient()
        var request = HTTPClientRequest(url: service.url.absoluteString + "/notes")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: "secret=1"))

        _ = try? await service.client(AsyncHTTPClientTransport(client)).execute(request, timeout: .seconds(60))
        try await client.shutdown()

        #expect(elsewhere.requests.isEmpty)
        let sent = try #require(service.requests("/notes").first)
        #expect(sent.lowercased().contains("content-length: 8\r\n") && sent.hasSuffix("secret=1"))
    }
}
