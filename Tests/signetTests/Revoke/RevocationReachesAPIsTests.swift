import Foundation
import NIOCore
import SignetTokens
import Testing

extension Story {
    @Suite("A revocation reaches an API that verifies by itself within a second")
    struct RevocationReachesAPIsTests {
        private static let limit = Duration.seconds(1)
        private static let audience = "https://notes.example"

        /// What ends an access token before its time.
        enum Way: String, CaseIterable, Sendable {
            case signOut = "the device is signed out"
            case everywhere = "the operator signs the user out"
            case token = "the access token is given back"
            case client = "the client is removed"
            case reuse = "a spent refresh token is used again"
            case disabled = "the user is disabled"
        }

        @Test("its still unexpired access token is refused, and another user's is not", arguments: Way.allCases)
        func reaches(way: Way) async throws {
            try await expectInTime(Self.limit) { try await timeUntilRefused(after: way) }
        }

        private func timeUntilRefused(after way: Way) async throws -> Duration {
            try await withNotes { signet, notes in
                let app = try await signet.addClient(
                    "App", "--first-party", "--resource", Self.audience, "--scope", "account notes:read")
                let other = try await signet.addClient(
                    "Other", "--first-party", "--resource", Self.audience, "--scope", "account notes:read")
                var ada = try await signet.signIn("ada", client: app)
                let bob = try await signet.signIn("bob", client: other)
                let spent = ada.refreshToken
                if way == .reuse {
                    for key in ["the-first-key-of-this-device", "the-second-key-of-this-device"] {
                        ada = try await signet.renew(ada.refreshToken, key: key).json()
                    }
                }
                #expect(try await notes.status(ada) == 200)
                #expect(try await notes.status(bob) == 200)

                var start = ContinuousClock.now
                switch way {
                case .signOut:
                    #expect(
                        try await signet.http("DELETE", "/v1/sessions/\(ada.sessionID)", headers: [ada.authorization]).status
                            == 204)
                case .everywhere: try await signet.operated("user", "sign-out", "ada")
                case .token:
                    #expect(try await signet.http.post("/oauth/revoke", form: [("token", ada.accessToken)]).status == 200)
                case .client: try await signet.operated("client", "remove", app)
                case .reuse: #expect(try await signet.renew(spent)[member: "reason"] == "reused")
                case .disabled: try await signet.operated("user", "disable", "ada")
                }
                // What an operator's command has done is done when it has ended; a process takes its time to start.
                if [.everywhere, .client, .disabled].contains(way) { start = .now }
                let isRefused = try await eventually { try await notes.status(ada) == 401 }
                let time = ContinuousClock.now - start

                print("\(way.rawValue): refused after \(Int(time / .milliseconds(1))) ms")
                #expect(isRefused)
                #expect(try await notes.status(bob) == 200)
                // Only that token ended: its session lives on, and its next token is good.
                if way == .token {
                    let next: IssuedTokens = try await signet.renew(ada.refreshToken, key: "the-key-of-a-session-that-lives")
                        .json()
                    #expect(try await notes.status(next) == 200)
                }
                return time
            }
        }

        @Test("what was revoked while the server was away, or while nobody followed, is known after the reconnection")
        func afterRestart() async throws {
            try await Installation.make { signet in
                let (id, secret, tokens) = try await signet.serve { _ in
                    try await signet.addUser("ada")
                    let (id, secret) = try await signet.addResourceServer(Self.audience)
                    let app = try await signet.addClient(
                        "App", "--first-party", "--resource", Self.audience, "--scope", "account notes:read")
                    return (id, secret, try await signet.signIn("ada", client: app))
                }
                try await signet.operated("session", "revoke", tokens.sessionID)

                try await signet.serve { _ in
                    try await Notes.run(signet, Self.audience, id, secret) { notes in
                        let isRefused = try await eventually { try await notes.status(tokens) == 401 }
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
                        let (id, secret) = try await signet.addResourceServer(Self.audience)
                        let credentials = Data("\(id):\(secret)".utf8).base64EncodedString()
                        return try await OpenConnection.run(port: signet.port) { reader in
                            try await reader.write(
                                "GET /v1/revocations HTTP/1.1\r\nHost: a\r\nAuthorization: Basic \(credentials)\r\nAccept: text/event-stream\r\n\r\n"
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

        private func withNotes<Result>(_ body: (Installation, Notes) async throws -> Result) async throws -> Result {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    for name in ["ada", "bob"] { try await signet.addUser(name) }
                    let (id, secret) = try await signet.addResourceServer(Self.audience)
                    return try await Notes.run(signet, Self.audience, id, secret) { try await body(signet, $0) }
                }
            }
        }
    }
}

/// The notes API as a process, with the credential of a resource server.
private struct Notes {
    let http: RawHTTP

    static func run<Result>(
        _ signet: Installation, _ audience: String, _ id: String, _ secret: String, _ body: (Notes) async throws -> Result
    ) async throws -> Result {
        let arguments = [
            "--port", "0", "--issuer", signet.issuer, "--audience", audience, "--database", signet.folder + "/notes.db",
            "--credential-id", id, "--log-level", "debug",
        ]
        return try await SignetProcess.run("NotesAPI", arguments, environment: ["NOTES_CREDENTIAL_SECRET": secret]) { process in
            let url = try await process.ready(after: "Notes API is ready at ")
            let result = try await body(Notes(http: RawHTTP(port: #require(URL(string: url)?.port))))
            // No list of processes and no log shows the secret.
            #expect(!arguments.contains(secret))
            #expect(!(process.outputSoFar + process.errorsSoFar).contains(secret))
            return result
        }
    }

    func status(_ tokens: IssuedTokens) async throws -> Int {
        try await http("GET", "/notes", headers: [tokens.authorization]).status
    }
}

extension Installation {
    /// Registers a resource server, and returns its id and its secret.
    fileprivate func addResourceServer(_ resource: String) async throws -> (id: String, secret: String) {
        let lines = try await operated("client", "add", "Notes API", "--resource-server", "--resource", resource)
            .split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        return (lines[0].replacing("client_id: ", with: ""), lines[1].replacing("client_secret: ", with: ""))
    }
}
