import ArgumentParser
import Foundation
import SignetClient
import SignetTokens

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A small real app: a person's notes, kept by an API that Signet protects. It signs in once and then goes on by itself.
///
///     NotesApp --client notes-app-… --username ada        # asks for the password on standard input
///     NotesApp --client notes-app-… "Buy wax"             # a week later: renews, and adds a note
@main
struct NotesApp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "NotesApp", abstract: "An example app: a person's notes. Without a text it lists them.")

    @Option(name: .customLong("signet"), help: "The Signet server.", transform: url)
    var server = URL(string: "http://127.0.0.1:8080")

    @Option(help: "The notes API.", transform: url)
    var api = URL(string: "http://127.0.0.1:8090")

    @Option(name: .customLong("client"), help: "What `signet client add` printed.", transform: id)
    var clientID: ClientID

    @Option(name: .customLong("store"), help: "Where both tokens are kept.")
    var path = URL.homeDirectory.appending(path: ".notes-app/tokens.json").path(percentEncoded: false)

    @Option(help: "Sign in with this name; the password is one line of standard input.")
    var username: String?

    @Argument(help: "A new note.")
    var text: String?

    func run() async throws {
        guard let server, let api else { throw ValidationError("Give the URLs of the server and the API.") }
        let client = SignetClient(server: server, store: FileTokenStore(path), clientID: clientID, origins: [api])
        if let username { try await signIn(username, to: client) }
        print(try await notes(client, at: api))
    }

    private func signIn(_ name: String, to client: SignetClient) async throws {
        guard let password = readLine() else { throw ValidationError("There is no password on standard input.") }
        try await client.signIn(username: name, password: password, device: ProcessInfo.processInfo.hostName)
    }

    /// Adds the note, if there is one, and gives the API's answer.
    private func notes(_ client: SignetClient, at api: URL) async throws -> String {
        var request = URLRequest(url: api.appending(path: "notes"))
        if let text {
            request.httpMethod = "POST"
            request.httpBody = try JSONEncoder().encode(["text": text])
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (data, response) = try await client.data(for: request)
        guard (200..<300).contains(response.statusCode) else { throw Refused(status: response.statusCode) }
        return String(decoding: data, as: UTF8.self)
    }
}

/// The API did not do as it was asked.
struct Refused: Error, CustomStringConvertible {
    let status: Int

    var description: String { "The API says \(status)." }
}

private func url(_ text: String) throws -> URL? {
    guard let url = URL(string: text), url.host() != nil else { throw ValidationError("\(text) is not a URL.") }
    return url
}

private func id(_ text: String) throws -> ClientID {
    guard let id = ClientID(text) else { throw ValidationError("\(text) is not a client_id.") }
    return id
}
