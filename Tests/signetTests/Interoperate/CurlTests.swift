import Foundation
import SignetTestKit
import Testing

extension Story {
    @Suite("Other people's client: curl")
    struct CurlTests {
        @Test("the script among the examples tells the whole story, and fails when a step does")
        func story() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let script = Tool.repository + "/Examples/curl/story.sh"

                    let told = try await SignetProcess.outcome(
                        script, [signet.issuer, "ada"], input: TestPassword.of("ada") + "\n")
                    #expect(told.exit == .status(0), "\(told.errors)")
                    #expect(told.output.split(separator: "\n").count == 9)
                    #expect(told.output.hasSuffix("The story is told; every step did what it says.\n"))

                    let failed = try await SignetProcess.outcome(
                        script, [signet.issuer, "ada"], input: TestPassword.of("bob") + "\n")
                    #expect(failed.exit == .status(1))
                    #expect(failed.errors == "story: POST /v1/sessions: expected status 201, got 401\n")
                }
            }
        }

        @Test("the script about devices shows each command and each answer, without a whole token, and fails when a step does")
        func devices() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let app = try await Notes.addApp("App", at: signet)
                    let api = try await Notes.register(at: signet)
                    let script = Tool.repository + "/Examples/curl/devices.sh"
                    func tell(as app: String) async throws -> SignetProcess.Outcome {
                        try await SignetProcess.outcome(
                            script, [signet.issuer, "ada", app, api.id], environment: ["API_SECRET": api.secret],
                            input: TestPassword.of("ada") + "\n")
                    }

                    let told = try await tell(as: app)
                    #expect(told.exit == .status(0), "\(told.errors)")
                    #expect(told.output.contains("\n13. Sign out everywhere\n"))
                    #expect(told.output.hasSuffix("\nEvery step did what it says.\n"))
                    #expect(told.output.contains(#""reason":"revoked_by_user""#))
                    #expect(told.output.contains(#"< {"active":false}"#))
                    #expect(!told.output.contains(#/[A-Za-z0-9_\-]{60}/#), "a token is not shortened")
                    #expect(!told.output.contains(api.secret))
                    #expect(!told.output.contains(TestPassword.mark))

                    let failed = try await tell(as: "nobody")
                    #expect(failed.exit == .status(1))
                    #expect(failed.errors == "devices: POST /v1/sessions: expected status 201, got 401\n")
                }
            }
        }

        @Test("over TLS it speaks HTTP/1.1 and HTTP/2", arguments: ["--http1.1": "1.1", "--http2": "2"])
        func tls(option: String, version: String) async throws {
            try await Installation.make { signet in
                try await signet.serveSecurely { server, url, certificate in
                    try await signet.addUser()

                    let body = "{\"username\":\"ada\",\"password\":\"\(TestPassword.of("ada"))\"}"
                    let answer = try await Tool.run(
                        "curl",
                        [
                            "--silent", "--show-error", "--cacert", certificate, option, "--header",
                            "Content-Type: application/json",
                            "--data", "@-", "--write-out", "\n%{http_code} %{http_version}", url + "/v1/sessions",
                        ], input: body)

                    #expect(answer.exit == .status(0), "\(answer.errors)")
                    #expect(answer.output.hasSuffix("\n201 \(version)"))
                    #expect(answer.output.contains("\"refresh_token\""))
                    // Whoever does not know the certificate gets nothing, and so does plain HTTP.
                    let stranger = try await Tool.run("curl", ["--silent", option, url + "/health/live"])
                    #expect(stranger.exit == .status(60))
                    let plain = try? await signet.http("GET", "/health/live")
                    #expect(plain == nil)

                    server.signal(SIGTERM)
                    let exit = try await server.exit()
                    #expect(exit == .status(0))
                }
            }
        }

        @Test(
            "a large header gets 431 over HTTP/2 too, one beyond all reason ends its connection, and the server goes on (HTTP-6)")
        func largeHeaders() async throws {
            try await Installation.make { signet in
                try await signet.serveSecurely { _, url, certificate in
                    /// The status that curl sees, on a connection of its own; 000 if there is none.
                    func status(withHeader fields: [String]) async throws -> String {
                        try await Tool.run(
                            "curl",
                            [
                                "--silent", "--cacert", certificate, "--http2", "--header", "@-", "--output", "/dev/null",
                                "--write-out", "%{http_code} %{http_version}", url + "/health/live",
                            ], input: fields.joined(separator: "\n")
                        ).output
                    }
                    func field(_ length: Int) -> String { "x-large: " + String(repeating: "x", count: length) }

                    let ordinary = try await status(withHeader: [field(8_000)])
                    #expect(ordinary == "200 2")
                    let tooLarge = [9_000, 20_000, 40_000].map { [field($0)] } + [Array(repeating: field(4_000), count: 10)]
                    for fields in tooLarge {
                        let status = try await status(withHeader: fields)
                        #expect(status == "431 2", "\(fields.count) of \(fields[0].count) characters")
                    }
                    for length in [70_000, 200_000] {
                        let status = try await status(withHeader: [field(length)])
                        #expect(status == "000 0", "\(length) characters")
                    }
                    let next = try await status(withHeader: [])
                    #expect(next == "200 2")
                }
            }
        }
    }
}
