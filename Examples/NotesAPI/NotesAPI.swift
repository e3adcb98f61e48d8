import ArgumentParser
import Foundation
import Hummingbird
import Logging
import NIOCore
import SignetHummingbird
import SignetTokens
import SignetVerifier

/// A small real API that Signet protects: a person's notes. It is a process of its own, and never asks the server about a token.
///
/// Start it, then call it with an access token: `curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:PORT/notes`.
@main
struct NotesAPI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "NotesAPI", abstract: "An example API: a person's notes, protected by Signet.")

    @Option(help: "The port on 127.0.0.1; 0 takes a free one.")
    var port = 8090

    @Option(help: "The server whose access tokens are accepted.")
    var issuer = "http://127.0.0.1:8080"

    @Option(help: "This API's identifier, which a token's audience must name.")
    var audience = "https://notes.example"

    @Option(help: "The SQLite file with the notes; it is made when missing.")
    var database = "notes.db"

    @Option(help: "Seconds that the server's clock and this one may be apart, 0 to 300.")
    var leeway = 30

    @Option(
        help:
            "This API's client_id at the server, from `signet client add NAME --resource-server`: with it revocations are followed."
    )
    var credentialID: String?

    @Option(help: "What is logged: debug, info, warning or error.")
    var logLevel = "info"

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("A port is a number from 0 to 65535.") }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("The log level is debug, info, warning or error.")
        }
        guard (0...300).contains(leeway) else { throw ValidationError("The leeway is 0 to 300 seconds.") }
        guard (credentialID == nil) == (secret == nil) else {
            throw ValidationError("Give both --credential-id and NOTES_CREDENTIAL_SECRET, or neither.")
        }
    }

    /// Its client_secret: not an argument, for every user of the machine can list those.
    private var secret: String? { ProcessInfo.processInfo.environment["NOTES_CREDENTIAL_SECRET"] }

    /// What the verifier follows the server's revocation feed with.
    private var credential: ResourceServerCredential? {
        guard let credentialID, let secret else { return nil }
        return .basic(credentialID, Secret(secret))
    }

    func run() async throws {
        var logger = Logger(label: "notes")
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let verifier = AccessTokenVerifier(
            issuer: issuer, audience: audience, credential: credential, leeway: .seconds(leeway), logger: logger)
        let notes = try NoteStore(path: database)

        var app = Application(
            router: NotesRoutes(notes: notes).router(verifier: verifier),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                // Written at once, also into a pipe: whoever started us waits for this line.
                FileHandle.standardOutput.write(Data("Notes API is ready at http://127.0.0.1:\(port)\n".utf8))
            },
            logger: logger
        )
        app.addServices(verifier)
        // SIGTERM and Ctrl-C finish the requests that are under way, and end the process with 0.
        try await app.runService()
    }
}
