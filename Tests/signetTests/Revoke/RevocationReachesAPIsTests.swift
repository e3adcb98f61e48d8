import Foundation
import NIOCore
import Testing

extension Story {
    @Suite("The connection on which an API follows the revocation feed")
    struct RevocationReachesAPIsTests {
        @Test("what was revoked while the server was away, or while nobody followed, is known after the reconnection")
        func afterRestart() async throws {
            try await Installation.make { signet in
                let (api, tokens) = try await signet.serve { _ in
                    try await signet.addUser("ada")
                    let app = try await Notes.addApp("App", at: signet)
                    return (try await Notes.register(at: signet), try await signet.signIn("ada", client: app))
                }
                try await signet.operated("session", "revoke", tokens.sessionID)

                try await signet.serve { _ in
                    try await Notes.run(of: signet, as: api) { notes, _ in
                        let isRefused = try await eventually { try await notes.status(tokens.accessToken) == 401 }
                        #expect(isRefused)
                    }
                }
            }
        }

        @Test("a connection to the feed does not hold the server up when it is told to end")
        func stops() async throws {
            // Nor does it stop only when what is left of its connections is cut off, seven seconds later.
            try await expectInTime(.seconds(3)) {
                try await Installation.make { signet in
                    try await signet.serve { server in
                        let api = try await Notes.register(at: signet)
                        return try await OpenConnection.run(port: signet.port) { reader in
                            try await reader.write(
                                "GET /v1/revocations HTTP/1.1\r\nHost: a\r\nAuthorization: \(api.authorization.1)\r\nAccept: text/event-stream\r\n\r\n"
                            )
                            var text = ""
                            while !text.contains("event: live"), let part = try await reader.next() { text += part }
                            #expect(text.contains("event: live"))

                            let start = ContinuousClock.now
                            server.signal(SIGTERM)

                            let exit = try await server.exit()
                            #expect(exit == .status(0))
                            let time = ContinuousClock.now - start
                            print("The server ended \(Int(time / .milliseconds(1))) ms after SIGTERM")
                            return time
                        }
                    }
                }
            }
        }
    }
}
