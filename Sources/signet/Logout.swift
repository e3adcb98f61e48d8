import ArgumentParser
import SignetClient

/// `signet logout`: ends this machine's session and forgets its tokens.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Sign out on this machine.",
        discussion: "When the server cannot be told, the tokens are kept, so that it can be tried again."
    )

    @Flag(help: "Only remove the tokens here; the session lives on at the server until it expires.") var forget = false
    @OptionGroup var options: EndClientOptions

    func run() async throws {
        guard try options.tokenStore.read() != nil else { return Output.note("Nobody is signed in here.") }
        let client = try options.client()
        if forget {
            try await client.forget()
            Output.line("The tokens are gone from this machine.")
        } else {
            do {
                try await client.signOut()
            } catch let error as SignetClientError {
                guard case .network(let cause) = error else { throw error }
                throw CommandFailure("The server cannot be told (\(cause)); try again, or remove the tokens alone with --forget.")
            }
            Output.line("Signed out.")
        }
    }
}
