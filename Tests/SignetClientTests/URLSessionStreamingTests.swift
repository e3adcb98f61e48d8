import Foundation
import HTTPTypes
import SignetTestKit
import Synchronization
import Testing

@testable import SignetClient

@Suite("Answers of the real network, piece by piece", .timeLimit(.minutes(5)))
struct URLSessionStreamingTests {
    let transport = URLSessionTransport()

    @Test("the head and the first piece are there while the server has not sent the rest")
    func asTheyArrive() async throws {
        let rest = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
            rest.wait()
            connection.write("two")
        }
        defer { server.stop() }

        let (response, body) = try await transport.open(request(server), body: .empty, timeout: .seconds(60))
        var pieces = body.makeAsyncIterator()

        #expect(response.status.code == 200)
        #expect(try await pieces.next() == Data("one".utf8))
        rest.signal()
        #expect(try await pieces.next() == Data("two".utf8))
        #expect(try await pieces.next() == nil)
    }

    @Test("a long answer arrives whole, however slowly it is read")
    func long() async throws {
        let block = String(repeating: "0123456789abcdef", count: 4096)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(64 * block.utf8.count)\r\n\r\n")
            for _ in 0..<64 { connection.write(block) }
        }
        defer { server.stop() }

        let (_, body) = try await transport.open(request(server), body: .empty, timeout: .seconds(60))
        var expected = Data(String(repeating: block, count: 64).utf8)[...]
        for try await piece in body {
            #expect(expected.prefix(piece.count) == piece)
            expected = expected.dropFirst(piece.count)
            await Task.yield()
        }

        #expect(expected.isEmpty)
    }

    @Test("an answer that breaks off in the middle of its body is an error, after what came of it")
    func breaksOff() async throws {
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        }
        defer { server.stop() }

        let (_, body) = try await transport.open(request(server), body: .empty, timeout: .seconds(60))
        var pieces = body.makeAsyncIterator()

        #expect(try await pieces.next() == Data("one".utf8))
        await #expect(throws: TransportError.self) { _ = try await pieces.next() }
    }

    @Test("whoever lets go of an answer closes its connection")
    func letsGo() async throws {
        let hasGone = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            // Slowly, so that it is not broken off for being unread.
            while connection.write("data: tick\n\n") { usleep(1_000) }
            hasGone.signal()
        }
        defer { server.stop() }

        do {
            let (_, body) = try await transport.open(request(server), body: .empty, timeout: .seconds(60))
            var lines = ResponseBytes(body).lines.makeAsyncIterator()
            #expect(try await lines.next() == "data: tick")
        }

        #expect(await waited(for: hasGone))
    }

    @Test("a reader who is cancelled gets CancellationError, and not an end")
    func cancelled() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
            release.wait()
        }
        defer { server.stop() }
        let (_, body) = try await transport.open(request(server), body: .empty, timeout: .seconds(60))
        let hasBegun = Mutex(false)

        let reader = Task {
            for try await _ in body { hasBegun.withLock { $0 = true } }
        }
        while !hasBegun.withLock({ $0 }) { await Task.yield() }
        reader.cancel()

        await #expect(throws: CancellationError.self) { try await reader.value }
        release.signal()
    }

    @Test("a server that never stops is broken off when nobody reads what it sends")
    func unread() async throws {
        let block = String(repeating: "0123456789abcdef", count: 4096)
        let sent = Mutex(0)
        let hasGone = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while sent.withLock({ $0 }) < 1 << 30, connection.write(block) { sent.withLock { $0 += block.utf8.count } }
            hasGone.signal()
        }
        defer { server.stop() }

        let (_, body) = try await transport.open(request(server), body: .empty, timeout: .seconds(60))
        #expect(await waited(for: hasGone))

        #expect(sent.withLock { $0 } < 1 << 29)
        await #expect(throws: TransportError("the answer comes faster than it is read")) {
            for try await _ in body {}
        }
    }

    @Test("a file is sent as it stands, with its length")
    func file() async throws {
        let server = try LoopbackServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" }
        defer { server.stop() }
        let text = String(repeating: "a line of the file\n", count: 5000)

        let folder = try TemporaryFolder()
        let file = URL(filePath: folder.file("upload"))
        try Data(text.utf8).write(to: file)

        let (response, body) = try await transport.open(
            request(server, .put, [.contentType: "text/plain"]), body: .file(file), timeout: .seconds(60))

        #expect(response.status.code == 200)
        #expect(try await body.collect().isEmpty)
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix("PUT / HTTP/1.1\r\n"))
        #expect(sent.contains("Content-Type: text/plain\r\n"))
        #expect(sent.hasSuffix("\r\n\r\n" + text))
    }

    @Test("a server that sends a byte now and then is given up when the whole answer takes too long")
    func dribble() async throws {
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while connection.write("x") { usleep(10_000) }
        }
        defer { server.stop() }

        await #expect(throws: TransportError.timedOut) {
            try await transport.send(request(server), body: nil, timeout: .seconds(1))
        }
    }

    private func request(
        _ server: LoopbackServer, _ method: HTTPRequest.Method = .get, _ fields: HTTPFields = [:]
    ) -> HTTPRequest {
        HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:\(server.port)", path: "/", headerFields: fields)
    }

    /// Waits on a thread of its own, for up to a minute.
    private func waited(for semaphore: DispatchSemaphore) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: semaphore.wait(timeout: .now() + 60) == .success) }
        }
    }
}
