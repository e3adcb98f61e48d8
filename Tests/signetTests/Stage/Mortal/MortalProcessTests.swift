import Foundation
import NIOCore
import SignetTokens
import Synchronization
import Testing

extension Story {
    @Suite("A process that dies where it is told to")
    struct MortalProcessTests {
        @Test("of what it sends, exactly the bytes before its death arrive")
        func diesBetweenBytes() async throws {
            try await withSession { client in
                let received = Mutex(0)
                let listener = try await LoopbackListener()
                try await listener.run { connection in
                    try await connection.executeThenClose { inbound, _ in
                        for try await part in inbound { received.withLock { $0 += part.readableBytes } }
                    }
                } while: {
                    try client.move(to: "http://127.0.0.1:\(listener.port)")
                    try client.expireAccessToken()
                    let folder = URL(fileURLWithPath: client.store).deletingLastPathComponent().path
                    try await MortalProcess.run(
                        ["token"], environment: client.environment, folder: folder, port: listener.port
                    ) { token in
                        for bytes in [0, 1, 2, 200] {
                            let before = received.withLock { $0 }

                            let life = try await token.live(doom: Step("write", in: "connection", byte: bytes))

                            let end = life.end
                            #expect(end == .atStep)
                            let isThere = try await eventually { received.withLock { $0 } >= before + bytes }
                            #expect(isThere && received.withLock { $0 } == before + bytes)
                        }
                    }
                }
            }
        }

        @Test("a life without a doom ends by itself, and one that is told to die elsewhere is not touched")
        func lives() async throws {
            try await withSession { client in
                let folder = URL(fileURLWithPath: client.store).deletingLastPathComponent().path
                try await MortalProcess.run(["token"], environment: client.environment, folder: folder, port: 1) { token in
                    let free = try await token.live()
                    let other = try await token.live(doom: Step("unlink", in: "tokens.json"))

                    for life in [free, other] {
                        let (end, calls) = (life.end, life.calls)
                        #expect(end == .status(0))
                        // Its access token is good: it reads, and does nothing else.
                        #expect(Set(calls.map(\.name)) == ["open", "read", "close"])
                    }
                }
            }
        }

        private func withSession(_ body: (EndClient) async throws -> Void) async throws {
            try await Installation.make { signet in
                let client = EndClient(in: signet.folder)
                try await signet.serve { _ in
                    try await signet.addUser()
                    try await client.login(at: signet.issuer)
                    try await body(client)
                }
            }
        }
    }
}
