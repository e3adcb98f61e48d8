import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("A thousand readers of the feed at one server")
    struct ManyReadersTests {
        private static let count = 1000
        /// So much waits for the one who never reads: more than the system's buffers take.
        private static let entries = 9_000

        @Test("each is told of a revocation at once, and one of them who never reads harms nobody (TRAP-20)")
        func tellsEverybody() async throws {
            // Both ends of each connection are files of ours or of the server's; it inherits the limit.
            try #require(OpenFiles.raiseLimit() > Self.count + 100, "ulimit -n is too low here")
            try await Installation.make { signet in
                try await signet.serve { server in
                    try await signet.addUser()
                    let api = try await Notes.register(at: signet)
                    let tokens = try await signet.signIn()
                    try await SQLiteShell(signet.database)(Self.longLog)
                    let position = try await position(at: signet, api)
                    let stuck = try Socket.connect(port: signet.port, sending: request(api), receiveBuffer: 4096)
                    defer { close(stuck) }
                    let before = try residentMemory(of: server)

                    let opening = ContinuousClock.now
                    try await FeedCrowd.run(of: Self.count, port: signet.port, request: request(api, after: position)) { crowd in
                        let live = try await crowd.read(until: "event: live", within: .seconds(30))
                        let with = try residentMemory(of: server)
                        #expect(live.count == Self.count)

                        async let told = crowd.read(until: "event: revocation", within: .seconds(10))
                        let answer = try await signet.http.post("/oauth/revoke", form: [("token", tokens.refreshToken)])
                        let revoked = ContinuousClock.now
                        let times = try await told.map { $0 - revoked }.sorted()

                        #expect(answer.status == 200)
                        #expect(times.count == Self.count)
                        let (first, last) = (try #require(times.first), try #require(times.last))
                        print(
                            """
                            \(Self.count) readers: all live \(milliseconds((live.max() ?? opening) - opening)) ms after the first \
                            connected; the first had the revocation \(milliseconds(first)) ms after the server's answer, the last \
                            \(milliseconds(last)) ms; the server's memory \(before) KiB before, \(with) KiB with them
                            """)
                        #expect(last < .seconds(5))
                        #expect(with - before < 200 * Self.count)
                        // Other doors are open meanwhile.
                        #expect(try await signet.http("GET", "/health/ready").status == 200)
                        #expect(try await signet.verify(tokens).status == 401)
                    }
                    // It was the one who never reads: the server waits for it, and has closed nothing yet.
                    #expect(try unreadBytes(of: stuck) > 0)
                }
            }
        }

        private static let longLog = """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(entries))
            INSERT INTO revocations (kind, subject, at, initiator, reason, forget_at)
            SELECT 'token', 't' || i, 0, 'user', 'signed_out', NULL FROM n;
            """

        /// The end of the log, so that a reader need not be sent all of it.
        private func position(at signet: Installation, _ api: ClientWithSecret) async throws -> String {
            var (position, hasMore) = ("", true)
            while hasMore {
                let page = try await signet.http("GET", "/v1/revocations?after=\(position)", headers: [api.authorization])
                let body = try #require(JSONValue(parsing: Data(page.body)).object)
                position = try #require(body["position"]?.string)
                hasMore = body["more"] == true
            }
            return position
        }

        private func request(_ api: ClientWithSecret, after position: String? = nil) -> String {
            let fields = [
                "GET /v1/revocations HTTP/1.1", "Host: a", "Accept: text/event-stream", "Authorization: \(api.authorization.1)",
            ]
            return (fields + (position.map { ["Last-Event-ID: \($0)"] } ?? [])).joined(separator: "\r\n") + "\r\n\r\n"
        }

        /// What a process holds in memory, in KiB.
        private func residentMemory(of process: SignetProcess) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        }

        private func unreadBytes(of descriptor: Int32) throws -> Int {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            return recv(descriptor, &buffer, buffer.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        }

        private func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
    }
}
