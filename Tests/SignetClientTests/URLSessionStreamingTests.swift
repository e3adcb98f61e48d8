import Foundation
import SignetClientTesting
import Testing

@testable import SignetClient

@Suite("Answers by URLSession that nobody reads", .timeLimit(.minutes(5)))
struct URLSessionStreamingTests {
    @Test("a server that never stops is broken off when nobody reads what it sends")
    func unread() async throws {
        let block = String(repeating: "0123456789abcdef", count: 4096)
        let hasGone = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            // Foundation tells of what has come some time later, on a busy machine much later, and holds it until then.
            while connection.write(block) { usleep(4_000) }
            hasGone.signal()
        }
        defer { server.stop() }

        let transport = URLSessionTransport(unreadLimit: 1024 * 1024)
        let (_, body) = try await transport.open(server.request(), body: .empty, timeout: .seconds(60))
        #expect(await waited(for: hasGone))

        await #expect(throws: TransportError("the answer comes faster than it is read")) {
            for try await _ in body {}
        }
    }
}
