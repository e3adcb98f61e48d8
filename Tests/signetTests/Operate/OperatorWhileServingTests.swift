import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("What the operator does while the server runs, it honours within a second")
    struct OperatorWhileServingTests {
        private static let limit = Duration.seconds(1)

        @Test("a user who is disabled cannot renew, call or sign in, until enabled again")
        func disable() async throws {
            try await withServer { signet in
                let (ada, bob) = (try await signet.signIn("ada"), try await signet.signIn("bob"))

                try await signet.operated("user", "disable", "ada")

                try await expectOver(ada, at: signet, reason: "user_disabled")
                #expect(try await signet.trySigningIn("ada").status == 401)
                try await expectLiving(bob, at: signet)

                try await signet.operated("user", "enable", "ada")

                let isBack = try await eventually(within: Self.limit) { try await signet.trySigningIn("ada").status == 201 }
                #expect(isBack)
                // Enabling a user brings no session back.
                try await expectOver(ada, at: signet, reason: "user_disabled")
            }
        }

        @Test("a new password ends the sessions that the old one opened")
        func password() async throws {
            try await withServer { signet in
                let tokens = try await signet.signIn()
                let new = TestPassword.of("ada-since-today")

                try await signet.operated("user", "password", "ada", "--password-stdin", input: new + "\n")

                try await expectOver(tokens, at: signet, reason: "password_changed")
                #expect(try await signet.trySigningIn("ada").status == 401)
                #expect(try await signet.trySigningIn("ada", password: new).status == 201)
            }
        }

        @Test("signing a user out ends every session of theirs, and none of another's")
        func signOut() async throws {
            try await withServer { signet in
                let phone = try await signet.signIn(device: "phone")
                let lamp = try await signet.signIn(device: "lamp")
                let bob = try await signet.signIn("bob")

                let said = try await signet.operated("user", "sign-out", "ada")

                #expect(said == "2 sessions ended\n")
                try await expectOver(phone, at: signet, reason: "revoked_by_admin")
                try await expectOver(lamp, at: signet, reason: "revoked_by_admin")
                try await expectLiving(bob, at: signet)
                try await expectLiving(try await signet.signIn(), at: signet)
            }
        }

        @Test("a session is listed, shown and revoked")
        func session() async throws {
            try await withServer { signet in
                let (phone, lamp) = (try await signet.signIn(device: "phone"), try await signet.signIn(device: "lamp"))
                _ = try await signet.signIn("bob")
                let listed = try await signet.listed("session", "list", "--user", "ada")
                #expect(strings("id", in: listed) == [phone.sessionID, lamp.sessionID])
                #expect(strings("device_name", in: listed) == ["phone", "lamp"])

                try await signet.operated("session", "revoke", phone.sessionID)

                try await expectOver(phone, at: signet, reason: "revoked_by_admin")
                try await expectLiving(lamp, at: signet)
                let shown = try await signet.listed("session", "show", phone.sessionID)
                #expect(shown["ending"]?.string == "revoked_by_admin")
                #expect(shown["username"]?.string == "ada")
                let table = try await signet.operated("session", "list", "--user", "ada")
                #expect(table.contains("lamp"))
                #expect(!table.contains("phone"))
            }
        }

        @Test("a client that is added can be used at once, and its sessions end when it is removed")
        func client() async throws {
            try await withServer { signet in
                let client = try await signet.addClient("Notes app", "--first-party", "--resource", "https://notes.example")
                let tokens = try await signet.signIn(client: client)
                let other = try await signet.signIn()

                try await signet.operated("client", "remove", client)

                try await expectOver(tokens, at: signet, reason: "client_removed")
                try await expectLiving(other, at: signet)
                let refused = try await signet.trySigningIn(client: client)
                #expect(refused.status == 401)
            }
        }

        private func strings(_ name: String, in list: JSONObject) -> Set<String> {
            Set(list["sessions"]?.array?.compactMap { $0.object?[name]?.string } ?? [])
        }

        private func withServer(_ body: (Installation) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser("ada")
                    try await signet.addUser("bob")
                    try await body(signet)
                }
            }
        }

        /// Within the limit, the session's tokens are good for nothing: neither at Signet's own doors nor for a renewal.
        private func expectOver(
            _ tokens: IssuedTokens, at signet: Installation, reason: String, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let isTurnedAway = try await eventually(within: Self.limit) { try await signet.verify(tokens).status == 401 }
            #expect(isTurnedAway, sourceLocation: sourceLocation)
            let account = try await signet.http("GET", "/v1/account", headers: [tokens.authorization])
            #expect(account.status == 401, sourceLocation: sourceLocation)
            let renewal = try await signet.renew(tokens.refreshToken, key: "the-key-of-a-session-that-is-over")
            #expect(renewal.status == 400, sourceLocation: sourceLocation)
            #expect(renewal[member: "error"] == "invalid_grant", sourceLocation: sourceLocation)
            #expect(renewal[member: "reason"] == reason, sourceLocation: sourceLocation)
        }

        private func expectLiving(
            _ tokens: IssuedTokens, at signet: Installation, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            #expect(try await signet.verify(tokens).status == 200, sourceLocation: sourceLocation)
            let renewal = try await signet.renew(tokens.refreshToken, key: "the-key-of-a-session-that-lives")
            #expect(renewal.status == 200, sourceLocation: sourceLocation)
        }
    }
}
