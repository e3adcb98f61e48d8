import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("An API in Python that follows the revocation feed: Examples/python-api")
    struct PythonAPITests {
        @Test("refuses the token of a device that was signed out within a second, and everybody else's is good")
        func device() async throws {
            try await expectInTime(.seconds(1)) {
                try await withAPI { signet, api, app in
                    let (lost, kept) = (try await signet.signIn(client: app), try await signet.signIn(client: app))
                    #expect(try await status(at: api, lost) == 200)

                    _ = try await signet.http(
                        "DELETE", "/v1/sessions/\(lost.sessionID)", headers: [kept.authorization])

                    let time = try await timeUntilRefused(lost, at: api)
                    #expect(try await status(at: api, kept) == 200)
                    return time
                }
            }
        }

        @Test("refuses one access token that was revoked by its jti, and the next one of the same session is good")
        func token() async throws {
            try await expectInTime(.seconds(1)) {
                try await withAPI { signet, api, app in
                    let tokens = try await signet.signIn(client: app)
                    #expect(try await status(at: api, tokens) == 200)

                    _ = try await signet.http.post("/oauth/revoke", form: [("token", tokens.accessToken)])

                    let time = try await timeUntilRefused(tokens, at: api)
                    let next: IssuedTokens = try await signet.renew(tokens.refreshToken, key: "the-key-of-the-next-token").json()
                    #expect(try await status(at: api, next) == 200)
                    return time
                }
            }
        }

        @Test("refuses what a key signed that leaked, and takes what the next one signs")
        func key() async throws {
            try await expectInTime(.seconds(1)) {
                try await withAPI { signet, api, app in
                    let tokens = try await signet.signIn(client: app)
                    #expect(try await status(at: api, tokens) == 200)
                    let leaked = try #require(CompactJWS(parsing: tokens.accessToken.utf8).header["kid"]?.string)

                    try await signet.operated("key", "retire", leaked, "--now")

                    let time = try await timeUntilRefused(tokens, at: api)
                    let next: IssuedTokens = try await signet.renew(tokens.refreshToken, key: "the-key-of-the-next-token").json()
                    #expect(try await status(at: api, next) == 200)
                    return time
                }
            }
        }

        @Test("knows after the server was away what was revoked meanwhile")
        func serverAway() async throws {
            try await Installation.make { signet in
                let (api, app) = try await signet.serve { _ in
                    try await signet.addUser()
                    return (try await Notes.register(at: signet), try await Notes.addApp("App", at: signet))
                }
                let lost = try await signet.serve { _ in try await signet.signIn(client: app) }
                try await signet.serve { server in
                    try await run(of: signet, as: api) { http in
                        #expect(try await status(at: http, lost) == 200)
                        server.signal(SIGTERM)
                        _ = try await server.exit()
                        try await signet.operated("session", "revoke", lost.sessionID)

                        try await signet.serve { _ in
                            let isRefused = try await eventually { try await status(at: http, lost) == 401 }
                            #expect(isRefused)
                        }
                    }
                }
            }
        }

        private func timeUntilRefused(_ tokens: IssuedTokens, at api: RawHTTP) async throws -> Duration {
            let start = ContinuousClock.now
            let isRefused = try await eventually { try await status(at: api, tokens) == 401 }
            #expect(isRefused)
            return ContinuousClock.now - start
        }

        private func status(at api: RawHTTP, _ tokens: IssuedTokens) async throws -> Int {
            try await api("GET", "/", headers: [tokens.authorization]).status
        }

        private func withAPI<Result>(_ body: (Installation, RawHTTP, _ app: String) async throws -> Result) async throws -> Result
        {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let credential = try await Notes.register(at: signet)
                    let app = try await Notes.addApp("App", at: signet)
                    return try await run(of: signet, as: credential) { try await body(signet, $0, app) }
                }
            }
        }

        /// Runs the example while `body` does.
        private func run<Result>(
            of signet: Installation, as credential: ClientWithSecret, _ body: (RawHTTP) async throws -> Result
        ) async throws -> Result {
            let script = Tool.repository + "/Examples/python-api/api.py"
            return try await SignetProcess.run(
                Tool.python, [script, signet.issuer, Notes.resource, credential.id, "0"],
                environment: ["SIGNET_SECRET": credential.secret]
            ) { process in
                let url = try await process.ready(after: "Ready at ")
                return try await body(RawHTTP(port: #require(URL(string: url)?.port)))
            }
        }
    }
}
