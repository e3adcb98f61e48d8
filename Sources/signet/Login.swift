import ArgumentParser
import Foundation
import SignetClient
import SignetTokens

/// `signet login`: signs a person in on this machine and keeps both tokens.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in on this machine.",
        discussion: "The password is asked for on the terminal, or read from standard input with --password-stdin."
    )

    @Option(help: "The server's URL. (default: the one signed in to before, or http://127.0.0.1:8080)") var server: String?
    @Option(help: "Sign in as this client, as `signet client add` printed it. (default: signet-cli)") var client: String?
    @Option(help: "What to call this machine in the list of devices. (default: its host name)") var device: String?
    @Option(help: "The user's name; asked for when left out.") var username: String?
    @Flag(help: "Read the password from standard input.") var passwordStdin = false
    @OptionGroup var options: EndClientOptions

    func validate() throws {
        if let server, Self.url(server) == nil { throw ValidationError("'\(server)' is not the URL of a server.") }
        if let client, ClientID(client) == nil { throw ValidationError("'\(client)' is not a client_id.") }
        if username == nil, isatty(STDIN_FILENO) != 1 || passwordStdin {
            throw ValidationError("There is no terminal to ask for the user's name; give --username.")
        }
    }

    func run() async throws {
        let store = options.tokenStore
        let address = try server ?? store.read()?.server ?? "http://127.0.0.1:8080"
        guard let url = Self.url(address) else { throw CommandFailure("'\(address)' is not the URL of a server.") }
        let name = try username ?? Self.askForName()
        let password = try PasswordInput.read(isFromStandardInput: passwordStdin, isNew: false)

        let device = device ?? ProcessInfo.processInfo.hostName
        let client = client.flatMap { ClientID($0) } ?? .signetCLI
        try await EndClientOptions.client(client, of: url, store).signIn(username: name, password: password, device: device)
        Output.line("Signed in to \(address) as \(name), on this device named \(device).")
    }

    private static func askForName() throws -> String {
        FileHandle.standardError.write(Data("User name: ".utf8))
        guard let name = readLine(strippingNewline: true), !name.isEmpty else {
            throw CommandFailure("No user name was entered.")
        }
        return name
    }

    private static func url(_ text: String) -> URL? {
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https", url.host() != nil else { return nil }
        return url
    }
}
