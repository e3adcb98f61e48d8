import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("Why a token is, or is not, accepted")
    struct ExplainTests {
        @Test("the operator is told while the server runs: good, spent, signed out; status 0 only for what is good")
        func online() async throws {
            try await withTokens { signet, tokens in
                let good = try await explain(tokens.refreshToken, at: signet)
                #expect(good.exit == .status(0))
                #expect(good.output.hasPrefix("It would be accepted: it is its session's current token;"))
                #expect(good.output.contains("\nusername: ada\n"))
                #expect(good.output.contains("\ndevice_name: lamp\n"))
                #expect(try await explain(tokens.accessToken, at: signet).exit == .status(0))

                let next: IssuedTokens = try await signet.renew(tokens.refreshToken, key: "a-key-of-this-very-token-1").json()
                let spent = try await explain(tokens.refreshToken, at: signet)
                #expect(spent.exit == .status(1))
                #expect(spent.output.hasPrefix("It is refused: another renewal of it won"))
                #expect(spent.errors == "")
                // To ask is no reuse.
                #expect(try await explain(next.refreshToken, at: signet).exit == .status(0))

                try await signet.operated("session", "revoke", tokens.sessionID)
                for token in [next.refreshToken, next.accessToken] {
                    let over = try await explain(token, at: signet)
                    #expect(over.exit == .status(1))
                    #expect(over.output.hasPrefix("It is refused: its session has ended: an operator ended it, "))
                }
            }
        }

        @Test("as JSON, and about one API")
        func json() async throws {
            try await withTokens { signet, tokens in
                let outcome = try await explain(tokens.accessToken, ["--json", "--audience", "https://bank.example"], at: signet)

                #expect(outcome.exit == .status(1))
                let object = try #require(try JSONValue(parsing: outcome.output.utf8).object)
                #expect(object["verdict"] == "refused")
                #expect(object["reason"]?.string?.contains("not for the API that is asked about") == true)
                #expect(object["key_state"] == "active")
                #expect(object["audience"] == [.string(signet.issuer)])
            }
        }

        @Test("without a database, or asked not to look, it tells what stands in the token")
        func offline() async throws {
            try await withTokens { signet, tokens in
                let asked = try await explain(tokens.accessToken, ["--offline"], at: signet)
                #expect(asked.exit == .status(1))
                #expect(asked.output.hasPrefix("It cannot be told here: nothing in it speaks against it"))
                #expect(asked.errors == "")

                let missing = try await SignetProcess.outcome(
                    "signet", ["explain", "--database", signet.folder + "/none.db"], input: tokens.refreshToken)
                #expect(missing.exit == .status(1))
                #expect(missing.output.hasPrefix("It cannot be told here: only the server that made a refresh token"))
                #expect(missing.errors.contains("There is no database at"))
                #expect(!FileManager.default.fileExists(atPath: signet.folder + "/none.db"))

                let beside = try await SignetProcess.outcome("signet", ["explain"], input: tokens.refreshToken, in: signet.folder)
                #expect(beside.exit == .status(0), "the default database is in this folder")
            }
        }

        @Test("what cannot be found out is one sentence on standard error")
        func failures() async throws {
            try await withTokens { signet, tokens in
                let nothing = try await explain(" \n", at: signet)
                #expect(nothing.exit == .status(1))
                #expect(nothing.output == "")
                #expect(nothing.errors == "There is no token: give one as an argument or on standard input.\n")

                let keyless = try await signet.operate(
                    "explain", input: tokens.refreshToken, environment: ["SIGNET_KEY_FILE": signet.folder + "/none.key"])
                #expect(keyless.exit == .status(1))
                #expect(keyless.output == "")
                #expect(keyless.errors.hasPrefix("The master key file \(signet.folder)/none.key is missing"))
            }
        }

        @Test("what a stranger wrote into a token does not steer the terminal")
        func controlCharacters() async throws {
            let payload = Base64URL.string(Array(#"{"iss":"\u001b[2Jnobody","exp":1}"#.utf8))
            let token = Base64URL.string(Array(#"{"alg":"ES256","typ":"JWT"}"#.utf8)) + ".\(payload).AAAA"

            let outcome = try await SignetProcess.outcome("signet", ["explain", "--offline"], input: token)

            #expect(outcome.output.contains("issuer: [2Jnobody\n"))
            #expect(!outcome.output.contains("\u{1b}"))
        }

        private func explain(
            _ token: String, _ flags: [String] = [], at signet: Installation
        ) async throws -> SignetProcess.Outcome {
            try await SignetProcess.outcome("signet", ["explain", "--database", signet.database] + flags, input: token)
        }

        private func withTokens(_ body: (Installation, IssuedTokens) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    try await body(signet, signet.signIn(device: "lamp"))
                }
            }
        }
    }
}
