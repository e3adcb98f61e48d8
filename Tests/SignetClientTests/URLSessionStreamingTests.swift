import Foundation
import SignetClient
import SignetClientTesting
import Synchronization
import Testing

@Suite("Answers by URLSession that nobody reads", .timeLimit(.minutes(5)))
struct URLSessionStreamingTests {
    @Test("a server that never stops is broken off when nobody reads what it sends")
    func unread() async throws {
        let block = String(repeating: "0123456789abcdef", count: 4096)
        let sent = Mutex(0)
        let hasGone = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while sent.withLock({ $0 }) < 1 << 29, connection.write(block) {
                sent.withLock { $0 += block.utf8.count }
                // Foundation tells of what has come some time later, on a busy machine much later.
                usleep(500)
            }
            hasGone.signal()
        }
        defer { server.stop() }

        let (_, body) = try await URLSessionTransport().open(server.request(), body: .empty, timeout: .seconds(60))
        #expect(await waited(for: hasGone))

        #expect(sent.withLock { $0 } < 1 << 29)
        await #expect(throws: TransportError("the answer comes faster than it is read")) {
            for try await _ in body {}
        }
    }
}
