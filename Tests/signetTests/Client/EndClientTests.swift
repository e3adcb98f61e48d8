import Foundation
import SignetClient
import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("The end client's commands against a real server")
    struct EndClientTests {
        @Test("sign in, print a token, call, list the devices, sign one out, sign out")
        func story() async throws {
            try await withServer { signet, client in
                try await client.login(at: signet.issuer)
                #expect(try client.modes == ["600", "700"])

                let token = try await client("token")
                #expect(token.exit == .status(0), "\(token.errors)")
                let line = token.output.trimmingCharacters(in: .newlines)
                let call = try await signet.http("GET", "/v1/verify", headers: [("Authorization", "Bearer \(line)")])
                #expect(call.status == 200)

                let account = try await client("call", "GET", "/v1/account")
                #expect(account.exit == .status(0), "\(account.errors)")
                #expect(account.output.contains("\"ada\""))

                let phone = try await signet.signIn(device: "phone")
                let devices = try await client("devices", "--json")
                let listed = try JSONValue(parsing: Data(devices.output.utf8)).object?["sessions"]?.array ?? []
                #expect(Set(listed.compactMap { $0.object?["device_name"]?.string }) == ["lamp", "phone"])
                let renamed = try await client("devices", "rename", phone.sessionID, "Ada's phone")
                #expect(renamed.exit == .status(0), "\(renamed.errors)")
                #expect(try await client("devices").output.contains("Ada's phone"))
                try await expectSentence(client("devices", "rename", phone.sessionID, "two\nlines"))
                try await expectSentence(client("devices", "rename", "019a0000-0000-7000-8000-000000000000", "phone"))
                let revoked = try await client("devices", "revoke", phone.sessionID)
                #expect(revoked.exit == .status(0), "\(revoked.errors)")
                let refused = try await signet.renew(phone.refreshToken)
                #expect(refused[member: "reason"] == "revoked_by_user")

                let session = try #require(try client.stored["session_id"]?.string)
                let logout = try await client("logout")
                #expect(logout.exit == .status(0), "\(logout.errors)")
                #expect(!FileManager.default.fileExists(atPath: client.store))
                let shown = try await signet.listed("session", "show", session)
                #expect(shown["ending"]?.string == "signed_out")
                try await expectSentence(client("token"))
            }
        }

        @Test("an API of one's own, the notes, is called with a token that is renewed when it has expired")
        func callsNotes() async throws {
            try await withServer { signet, client in
                let api = "https://notes.example"
                let scope = "account notes:read notes:write"
                let app = try await signet.addClient("Notes", "--first-party", "--resource", api, "--scope", scope)
                let flags = [
                    "--port", "0", "--issuer", signet.issuer, "--audience", api, "--database", signet.folder + "/notes.db",
                ]
                try await SignetProcess.run("NotesAPI", flags + ["--log-level", "debug"]) { server in
                    let notes = try await server.ready(after: "Notes API is ready at ")
                    try await client.login(at: signet.issuer)
                    // The command line's own client may not ask for another API's scopes, and the API says so.
                    try await expectSentence(client("call", "GET", notes + "/notes"))

                    try client.adopt(
                        try await signet.signIn(client: app), from: signet.issuer, client: app, scope: scope)
                    let created = try await client("call", "POST", notes + "/notes", "--data", #"{"text":"Buy wax"}"#)
                    #expect(created.exit == .status(0), "\(created.errors)")
                    try client.expireAccessToken()
                    let listed = try await client("call", "GET", notes + "/notes")
                    #expect(listed.exit == .status(0), "\(listed.errors)")
                    #expect(listed.output.contains("Buy wax"))
                    #expect(try client.generation == 1)
                }
            }
        }

        @Test("what goes wrong is one sentence, and costs nobody their session")
        func sentences() async throws {
            try await Installation.make { signet in
                let client = EndClient(in: signet.folder)
                try await signet.serve { _ in
                    try await signet.addUser()
                    try await expectSentence(
                        client(
                            "login", "--server", signet.issuer, "--username", "ada", "--password-stdin",
                            input: TestPassword.of("bob") + "\n"))
                    #expect(!FileManager.default.fileExists(atPath: client.store))
                    try await client.login(at: signet.issuer)
                }
                // Nobody answers, and the access token is still good.
                let before = try client.stored
                try await expectSentence(client("call", "GET", "/v1/account"))
                #expect(try client.stored == before)
                try client.expireAccessToken()

                try await signet.serve { _ in
                    let token = try await client("token")
                    #expect(token.exit == .status(0), "\(token.errors)")
                    try await signet.operated("user", "sign-out", "ada")
                    try client.expireAccessToken()
                    try await expectSentence(client("token"))
                }
            }
        }

        @Test("eight commands at once, with an expired token, share one renewal: one request, or several with one key")
        func manyProcesses() async throws {
            try await withServer { signet, client in
                try await WatchedRenewals.run(to: signet.port) { watch in
                    try await client.login(at: "http://127.0.0.1:\(watch.port)")
                    for round in 1...2 {
                        try client.expireAccessToken()

                        let outcomes = try await withThrowingTaskGroup(of: SignetProcess.Outcome.self) { group in
                            for _ in 0..<8 { group.addTask { try await client("token") } }
                            return try await group.reduce(into: []) { $0.append($1) }
                        }

                        for outcome in outcomes {
                            #expect(outcome.exit == .status(0), "\(outcome.errors)")
                            let line = outcome.output.trimmingCharacters(in: .newlines)
                            let call = try await signet.http("GET", "/v1/verify", headers: [("Authorization", "Bearer \(line)")])
                            #expect(call.status == 200)
                        }
                        #expect(try client.generation == UInt32(round))
                        #expect(watch.successions.attempts == round)
                        #expect(watch.tokensWithoutOneKey == 0)
                    }
                }
            }
        }

        @Test("two programs on one store, as an app and its extension, share each renewal")
        func twoPrograms() async throws {
            try await withServer { signet, client in
                try await WatchedRenewals.run(to: signet.port) { watch in
                    let url = "http://127.0.0.1:\(watch.port)"
                    try await client.login(at: url)
                    for round in 1...3 {
                        try client.expireAccessToken()
                        // A fresh one each time, for what a running client holds in memory does not expire by a changed file.
                        let app = SignetClient(
                            server: try #require(URL(string: url)), store: FileTokenStore(client.store), clientID: .signetCLI)

                        async let extensionToken = client("token")
                        let token = try await app.accessToken()
                        let outcome = try await extensionToken

                        #expect(outcome.exit == .status(0), "\(outcome.errors)")
                        #expect(token.reveal { $0 == outcome.output.trimmingCharacters(in: .newlines) })
                        #expect(try client.generation == UInt32(round))
                        #expect(watch.successions.attempts == round)
                    }
                    #expect(watch.tokensWithoutOneKey == 0)
                }
            }
        }

        private func withServer(_ body: (Installation, EndClient) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    try await body(signet, EndClient(in: signet.folder))
                }
            }
        }

        private func expectSentence(_ outcome: SignetProcess.Outcome, sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(outcome.exit == .status(1), "\(outcome.errors)", sourceLocation: sourceLocation)
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
            #expect(outcome.errors.hasSuffix(".\n"), "\(outcome.errors)", sourceLocation: sourceLocation)
        }
    }
}
