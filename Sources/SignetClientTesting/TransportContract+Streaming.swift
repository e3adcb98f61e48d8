import Foundation
import HTTPTypes
import SignetClient
import Synchronization
import Testing

extension TransportContract {
    /// What `open` promises.
    public static let streaming = [
        Self("the head and the first piece are there while the server has not sent the rest") { transport in
            let rest = DispatchSemaphore(value: 0)
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
                rest.wait()
                connection.write("two")
            }
            defer { server.stop() }

            let (response, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(60))
            var pieces = body.makeAsyncIterator()

            #expect(response.status.code == 200)
            #expect(try await pieces.next() == Data("one".utf8))
            rest.signal()
            #expect(try await pieces.next() == Data("two".utf8))
            #expect(try await pieces.next() == nil)
        },
        Self("a long answer arrives whole, however slowly it is read") { transport in
            let block = String(repeating: "0123456789abcdef", count: 4096)
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(64 * block.utf8.count)\r\n\r\n")
                for _ in 0..<64 { connection.write(block) }
            }
            defer { server.stop() }

            let (_, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(60))
            var expected = Data(String(repeating: block, count: 64).utf8)[...]
            for try await piece in body {
                #expect(expected.prefix(piece.count) == piece)
                expected = expected.dropFirst(piece.count)
                await Task.yield()
            }

            #expect(expected.isEmpty)
        },
        Self("an answer that breaks off in the middle of its body is an error, after what came of it") { transport in
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
            }
            defer { server.stop() }

            let (_, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(60))
            var pieces = body.makeAsyncIterator()

            #expect(try await pieces.next() == Data("one".utf8))
            await #expect(throws: (any Error).self) { _ = try await pieces.next() }
        },
        Self("a server that falls silent in the middle of its answer is given up") { transport in
            let release = DispatchSemaphore(value: 0)
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
                release.wait()
            }
            defer { server.stop() }

            await #expect(throws: (any Error).self) {
                let (_, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(1))
                for try await _ in body {}
            }

            release.signal()
        },
        Self("whoever lets go of an answer closes its connection") { transport in
            let hasGone = DispatchSemaphore(value: 0)
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
                // Slowly, so that it is not broken off for being unread.
                while connection.write("data: tick\n\n") { usleep(1_000) }
                hasGone.signal()
            }
            defer { server.stop() }

            do {
                let (_, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(60))
                var pieces = body.makeAsyncIterator()
                #expect(try await pieces.next() != nil)
            }

            #expect(await waited(for: hasGone))
        },
        Self("a reader who is cancelled gets CancellationError, and not an end") { transport in
            let release = DispatchSemaphore(value: 0)
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
                release.wait()
            }
            defer { server.stop() }
            let (_, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(60))
            let hasBegun = Mutex(false)

            let reader = Task {
                for try await _ in body { hasBegun.withLock { $0 = true } }
            }
            while !hasBegun.withLock({ $0 }) { await Task.yield() }
            reader.cancel()

            await #expect(throws: CancellationError.self) { try await reader.value }
            release.signal()
        },
        Self("a file is sent as it stands, with its length") { transport in
            let server = try LoopbackServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" }
            defer { server.stop() }
            let text = String(repeating: "a line of the file\n", count: 5000)
            let file = FileManager.default.temporaryDirectory.appending(path: "signet-upload-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(text.utf8).write(to: file)

            let (response, body) = try await transport.open(
                server.request(.put, "/", [.contentType: "text/plain"]), body: .file(file), timeout: .seconds(60))

            #expect(response.status.code == 200)
            #expect(try await body.collect().isEmpty)
            let sent = try #require(server.requests.first)
            #expect(sent.hasPrefix("PUT / HTTP/1.1\r\n"))
            #expect(sent.contains("Content-Type: text/plain\r\n"))
            #expect(sent.contains("Content-Length: \(text.utf8.count)\r\n"))
            #expect(sent.hasSuffix("\r\n\r\n" + text))
        },
        Self("a file that cannot be read is an error, and nothing is sent") { transport in
            let server = try LoopbackServer { _ in nil }
            defer { server.stop() }

            for path in ["/nowhere/note", "/"] {
                await #expect(throws: (any Error).self) {
                    try await transport.open(server.request(.put), body: .file(URL(filePath: path)), timeout: .seconds(60))
                }
            }

            #expect(server.requests.isEmpty)
        },
    ]
}
