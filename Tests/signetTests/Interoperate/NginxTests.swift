import Testing

extension Story {
    @Suite("Other people's proxy: nginx with auth_request")
    struct NginxTests {
        private static let api = "https://notes.example"

        @Test("a static file is given to whoever has a token, until the session is revoked")
        func protectsFile() async throws {
            try await withNginx { signet, nginx, tokens in
                let without = try await nginx.http("GET", "/files/note.txt")
                #expect(without.status == 401)
                #expect(without[field: "WWW-Authenticate"]?.hasPrefix("Bearer realm=") == true)
                let forged = try await nginx.http(
                    "GET", "/files/note.txt", headers: [("Authorization", tokens.authorization.1 + "A")])
                #expect(forged.status == 401)
                #expect(forged[field: "WWW-Authenticate"]?.contains("invalid_token") == true)

                let with = try await nginx.http("GET", "/files/note.txt", headers: [tokens.authorization])
                #expect(with.status == 200)
                #expect(with.text == "behind Signet\n")
                let log = try nginx.log
                #expect(log.contains("\"GET /files/note.txt HTTP/1.1\" 200 user=\(tokens.userID) session=\(tokens.sessionID)"))
                #expect(Leaks.lines(of: log) == [])

                try await signet.operated("session", "revoke", tokens.sessionID)
                let after = try await nginx.http("GET", "/files/note.txt", headers: [tokens.authorization])
                #expect(after.status == 401)
            }
        }

        @Test("an API behind it learns who calls from Signet alone, whatever the caller claims to be")
        func overwritesHeaders() async throws {
            try await withNginx { _, nginx, tokens in
                let claims = ["User", "Session", "Client", "Scope"].map { ("X-Signet-\($0)", "eve") }

                let answer = try await nginx.http("GET", "/notes", headers: [tokens.authorization] + claims)

                #expect(answer.status == 200)
                let head = HTTPHead(answer.body)
                #expect(head.value("X-Signet-User") == tokens.userID)
                #expect(head.value("X-Signet-Session") == tokens.sessionID)
                #expect(head.value("X-Signet-Client")?.hasPrefix("notes-") == true)
                #expect(head.value("X-Signet-Scope") == "account notes:read")
                #expect(head.fields.filter { $0.name.lowercased().hasPrefix("x-signet-") }.count == 4)
                #expect(!head.fields.map(\.value).contains("eve"))
            }
        }

        @Test("a service that calls for itself reaches the API as a client and no user, until the client is removed")
        func service() async throws {
            try await withNginx { signet, nginx, _ in
                let worker = try await signet.addClientWithSecret(
                    "Worker", "--confidential", "--resource", Self.api, "--scope", "notes:read")
                let authorization = ("Authorization", "Bearer \(try await signet.clientToken(worker))")
                let claims = ["User", "Session", "Client", "Scope"].map { ("X-Signet-\($0)", "eve") }

                let answer = try await nginx.http("GET", "/notes", headers: [authorization] + claims)

                #expect(answer.status == 200)
                let head = HTTPHead(answer.body)
                #expect(head.value("X-Signet-Client") == worker.id)
                #expect(head.value("X-Signet-Scope") == "notes:read")
                #expect(head.value("X-Signet-User") == nil)
                #expect(head.value("X-Signet-Session") == nil)
                #expect(!head.fields.map(\.value).contains("eve"))

                try await signet.operated("client", "remove", worker.id)
                let after = try await nginx.http("GET", "/notes", headers: [authorization])
                #expect(after.status == 401)
            }
        }

        private func withNginx(_ body: (Installation, Nginx, IssuedTokens) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let client = try await signet.addClient(
                        "Notes", "--first-party", "--resource", Self.api, "--scope", "account notes:read")
                    let tokens = try await signet.signIn(client: client)
                    try await HeadServer.run { api in
                        try await Nginx.run(before: signet, api: api) { nginx in try await body(signet, nginx, tokens) }
                    }
                }
            }
        }
    }
}
