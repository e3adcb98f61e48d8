import Foundation
import Testing

extension Story {
    @Suite("Stopping the server")
    struct StoppingTests {
        private static let limit = Duration.seconds(10)

        @Test("the ready line is all that standard output ever holds", arguments: [SIGTERM, SIGINT])
        func readyLine(signal: Int32) async throws {
            try await Installation.make { signet in
                let server = try await signet.serve { server in
                    _ = try await signet.http("GET", "/health/ready")
                    server.signal(signal)
                    let exit = try await server.exit()
                    #expect(exit == .status(0))
                    return server
                }
                #expect(server.outputSoFar == "Signet is ready at \(signet.issuer)\n")
                // Whoever copies the database of a server that has stopped needs to copy one file.
                let files = try FileManager.default.contentsOfDirectory(atPath: signet.folder)
                #expect(files.sorted() == ["signet.db", "signet.key"])
            }
        }

        @Test("a request that is under way is answered first, and nobody new is let in")
        func finishesRequests() async throws {
            // So many passes take half a second: time enough to stop the server in the middle.
            let slowly = ["SIGNET_PASSWORD_PASSES": "32"]
            try await expectInTime(Self.limit) {
                try await Installation.make { signet in
                    try await signet.serve(environment: slowly) { server in
                        try await signet.addUser(environment: slowly)
                        let before = processorTime(of: server)
                        async let signIn = signet.trySigningIn()
                        let isHashing = try await eventually { processorTime(of: server) >= before + 15 }
                        #expect(isHashing)

                        let start = ContinuousClock.now
                        server.signal(SIGTERM)

                        let answer = try await signIn
                        #expect(answer.status == 201, "\(answer.text)")
                        let exit = try await server.exit()
                        #expect(exit == .status(0))
                        let time = ContinuousClock.now - start
                        await #expect(throws: (any Error).self) { try await signet.http("GET", "/health/live") }
                        return time
                    }
                }
            }
        }

        @Test(
            "nobody who merely holds a connection open holds it up",
            arguments: [
                "", "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n", "GET /health/li", "GET /health/live HTTP/1.1\r\nHost: a\r\n",
                "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
            ])
        func toleratesIdlers(sent: String) async throws {
            try await expectInTime(Self.limit) {
                try await Installation.make { signet in
                    try await signet.serve { server in
                        try await OpenConnection.run(port: signet.port) { idler in
                            try await idler.write(sent)
                            if sent.hasSuffix("\r\n\r\n") { _ = try await idler.next() }
                            // Whatever came first has been read when a later connection is answered.
                            _ = try await signet.http("GET", "/health/live")

                            let start = ContinuousClock.now
                            server.signal(SIGTERM)

                            let exit = try await server.exit()
                            #expect(exit == .status(0))
                            return ContinuousClock.now - start
                        }
                    }
                }
            }
        }

        /// How long its threads have run, in hundredths of a second.
        private func processorTime(of process: SignetProcess) -> Int {
            let status = FileManager.default.contents(atPath: "/proc/\(process.pid)/stat") ?? Data()
            let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12 else { return 0 }
            return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
        }
    }
}
