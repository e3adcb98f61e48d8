import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("A client is changed while the server runs")
    struct ClientUpdateTests {
        @Test("what is given changes, the rest stays, and open sessions feel it at their next renewal")
        func changes() async throws {
            try await withServer { signet in
                let client = try await signet.addClient(
                    "Notes", "--first-party", "--scope", "account notes", "--access-lifetime", "2m", "--window", "0s")
                let tokens = try await signet.signIn(client: client)

                try await signet.operated(
                    "client", "update", client, "--name", "Other notes", "--access-lifetime", "3m", "--window", "default",
                    "--scope", "account", "--sessions-per-user", "1")

                let shown = try await signet.listed("client", "show", client)
                #expect(shown["name"]?.string == "Other notes")
                #expect(shown["access_lifetime"]?.string == "3m")
                #expect(shown["window"] == nil)
                #expect(shown["scope"]?.string == "account")
                #expect(shown["sessions_per_user"]?.string == "1")
                #expect(shown["first_party"]?.bool == true)
                let renewal = try await signet.renew(tokens.refreshToken, key: "a-key-of-its-own-for-this-token")
                #expect(renewal.status == 200)
                #expect(renewal.text.contains("\"expires_in\":180,"))
                #expect(renewal[member: "scope"] == "account")

                _ = try await signet.signIn(client: client)
                let evicted = try await signet.renew(
                    try #require(renewal[member: "refresh_token"]), key: "the-key-of-the-token-after-it")
                #expect(evicted[member: "reason"] == "evicted")
            }
        }

        @Test("a secret is replaced without a pause, each is shown once, and show tells how many there are (CLI-5)")
        func replacesSecret() async throws {
            try await withServer { signet in
                let added = try await signet.operated("client", "add", "Jobs", "--confidential", "--resource", "urn:jobs")
                let id = try #require(value("client_id", in: added))
                let first = try #require(value("client_secret", in: added))

                let second = try #require(
                    value("client_secret", in: try await signet.operated("client", "update", id, "--new-secret")))

                #expect(second != first)
                for secret in [first, second] { #expect(try await status(of: id, secret, at: signet) == 200) }
                let shown = try await signet.operated("client", "show", id)
                #expect(shown.contains("secrets_created_at: "))
                #expect(!shown.contains(first) && !shown.contains(second))
                #expect(try await signet.listed("client", "show", id)["secrets_created_at"]?.array?.count == 2)
                let third = try await SignetProcess.outcome(
                    "signet", ["client", "update", id, "--new-secret", "--database", signet.database])
                #expect(third.exit == .status(1))
                #expect(third.output == "")

                try await signet.operated("client", "update", id, "--drop-old-secret")

                #expect(try await status(of: id, first, at: signet) == 401)
                #expect(try await status(of: id, second, at: signet) == 200)
                #expect(try await signet.listed("client", "show", id)["secrets_created_at"]?.array?.count == 1)
            }
        }

        private func value(_ name: String, in output: String) -> String? {
            output.split(separator: "\n").first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
        }

        private func status(of id: String, _ secret: String, at signet: Installation) async throws -> Int {
            let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)]
            return try await signet.http.post("/oauth/token", form: form).status
        }

        private func withServer(_ body: (Installation) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    try await body(signet)
                }
            }
        }
    }
}
