import Foundation
import Testing

/// The notes API as a process, with the credential of a resource server: it follows the revocation feed.
struct Notes: Sendable {
    /// What a token's audience must name.
    static let resource = "https://notes.example"

    let http: RawHTTP

    /// Registers the API as a resource server.
    static func register(at signet: Installation) async throws -> ClientWithSecret {
        try await signet.addClientWithSecret("Notes API", "--resource-server", "--resource", resource)
    }

    /// Registers an app that signs people in and gets tokens for the API, and returns its `client_id`.
    static func addApp(_ name: String, at signet: Installation) async throws -> String {
        try await signet.addClient(name, "--first-party", "--resource", resource, "--scope", "account notes:read")
    }

    /// Runs the API while `body` does.
    ///
    /// - Parameters:
    ///   - name: told apart from others of the same installation, for each has a database of its own.
    ///   - port: where it listens; 0 takes a free one.
    static func run<Result>(
        _ name: String = "notes", of signet: Installation, as credential: ClientWithSecret, port: Int = 0,
        _ body: (Notes, SignetProcess) async throws -> Result
    ) async throws -> Result {
        let arguments = [
            "--port", "\(port)", "--issuer", signet.issuer, "--audience", resource, "--database",
            "\(signet.folder)/\(name).db", "--credential-id", credential.id, "--log-level", "debug",
        ]
        let environment = ["NOTES_CREDENTIAL_SECRET": credential.secret]
        return try await SignetProcess.run("NotesAPI", arguments, environment: environment) { process in
            let url = try await process.ready(after: "Notes API is ready at ")
            let result = try await body(Notes(http: RawHTTP(port: #require(URL(string: url)?.port))), process)
            // No list of processes and no log shows the secret.
            #expect(!arguments.contains(credential.secret))
            #expect(!(process.outputSoFar + process.errorsSoFar).contains(credential.secret))
            return result
        }
    }

    /// How the API answers a call with this access token.
    func status(_ accessToken: String) async throws -> Int {
        try await http("GET", "/notes", headers: [("Authorization", "Bearer \(accessToken)")]).status
    }
}
