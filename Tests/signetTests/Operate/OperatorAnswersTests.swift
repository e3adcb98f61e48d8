import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("What the operator's commands answer")
    struct OperatorAnswersTests {
        @Test("lists and shows are JSON when asked")
        func json() async throws {
            try await withDatabase { signet in
                let users = try await signet.listed("user", "list")
                #expect(strings("name", in: users["users"]) == ["ada"])
                let client = try await signet.addClient(
                    "Notes", "--first-party", "--scope", "account notes:read", "--access-lifetime", "2m",
                    "--sessions-per-user", "5:refuse")
                let clients = try await signet.listed("client", "list")
                #expect(strings("client_id", in: clients["clients"]).contains(client))
                let shown = try await signet.listed("client", "show", client)
                #expect(shown["scope"]?.string == "account notes:read")
                #expect(shown["access_lifetime"]?.string == "2m")
                #expect(shown["rotation"]?.bool == true)
                #expect(shown["confidential"]?.bool == false)
                #expect(shown["resource_server"]?.bool == false)
                #expect(shown["secrets_created_at"] == nil)
                #expect(shown["sessions_per_user"]?.string == "5:refuse")
                let keys = try await signet.listed("key", "list")
                #expect(keys["keys"]?.array?.isEmpty == false)
            }
        }

        @Test("what cannot be done is status 1 and one sentence")
        func failures() async throws {
            try await withDatabase { signet in
                let commands: [[String]] = [
                    ["user", "disable", "nobody"], ["user", "enable", "nobody"], ["user", "sign-out", "nobody"],
                    ["user", "password", "nobody", "--password-stdin"], ["user", "add", "ada", "--password-stdin"],
                    ["client", "show", "nothing"], ["client", "remove", "nothing"], ["client", "remove", "signet"],
                    ["client", "update", "nothing", "--window", "0s"], ["client", "update", "signet", "--scope", "account"],
                    ["client", "update", "signet", "--name", "Ours"], ["client", "update", "signet", "--new-secret"],
                    ["client", "update", "signet", "--drop-old-secret"],
                    ["session", "show", "nothing"], ["session", "revoke", "019a0000-0000-7000-8000-000000000000"],
                    ["session", "list", "--user", "nobody"],
                    ["user", "add", "bob", "--password-stdin", "--email", "b@example.com"],
                ]
                for command in commands {
                    // The last one's password is too short.
                    let password = command.contains("bob") ? TestPassword.mark : TestPassword.of("ada")
                    try await expectSentence(1, of: command, at: signet, input: password + "\n")
                }
                try await expectSentence(1, of: ["user", "add", "eve", "--password-stdin"], at: signet, input: "")
                try await expectSentence(1, of: ["user", "add", "eve"], at: signet, input: TestPassword.of("eve"))
                let users = try await signet.listed("user", "list")["users"]?.array
                #expect(users?.count == 1)
            }
        }

        @Test("what is not there yet, or is never right, is status 64")
        func usage() async throws {
            try await withDatabase { signet in
                let commands: [[String]] = [
                    ["client", "add", "App", "--resource-server", "--first-party"],
                    ["client", "add", "App", "--dpop"], ["client", "add", "App", "--first-party", "--no-rotation"],
                    ["client", "add", "App", "--first-party", "--access-lifetime", "5 minutes"],
                    ["client", "add", "App", "--first-party", "--access-lifetime", "2h"],
                    ["client", "add", "App", "--first-party", "--idle-lifetime", "40d", "--absolute-lifetime", "30d"],
                    ["client", "add", "App", "--first-party", "--sessions-per-user", "0"],
                    ["client", "add", "App", "--resource", "notes"],
                    ["client", "add", "App", "--redirect-uri", "javascript:alert(1)"],
                    ["client", "update", "signet"], ["client", "update", "signet", "--new-secret", "--drop-old-secret"],
                    ["client", "update", "signet", "--access-lifetime", "2h"],
                    ["client", "update", "signet", "--sessions-per-user", "0"],
                    ["client", "add", "App", "--grant", "password"], ["user", "add"], ["session", "show"],
                    ["user", "fly", "ada"],
                    ["user", "add", "bob", "a-password-that-is-an-argument"],
                ]
                for command in commands {
                    let outcome = try await SignetProcess.outcome("signet", command + ["--database", signet.database])
                    #expect(outcome.exit == .status(64), "\(command): \(outcome.errors)")
                    #expect(outcome.output == "", "\(command)")
                    #expect(!outcome.errors.isEmpty, "\(command)")
                }
                let clients = try await signet.listed("client", "list")["clients"]?.array
                #expect(clients?.count == 3, "the built-in ones")
            }
        }

        private func strings(_ name: String, in list: JSONValue?) -> [String] {
            list?.array?.compactMap { $0.object?[name]?.string } ?? []
        }

        private func withDatabase(_ body: (Installation) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in try await signet.addUser() }
                try await body(signet)
            }
        }

        private func expectSentence(
            _ status: Int32, of command: [String], at signet: Installation, input: String
        ) async throws {
            let outcome = try await SignetProcess.outcome("signet", command + ["--database", signet.database], input: input)
            #expect(outcome.exit == .status(status), "\(command)")
            #expect(outcome.output == "", "\(command)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(command): \(outcome.errors)")
            #expect(outcome.errors.hasSuffix(".\n"), "\(command): \(outcome.errors)")
        }
    }
}
