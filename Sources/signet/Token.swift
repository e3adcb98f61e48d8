import ArgumentParser
import SignetClient
import SignetTokens

/// `signet token`: prints an access token that can be used now; and what helps to look into tokens.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Print a fresh access token, or look into one.",
        discussion: "    curl -H \"Authorization: Bearer $(signet token)\" https://api.example.com/notes",
        subcommands: [TokenInspect.self, TokenVerify.self]
    )

    @OptionGroup var options: EndClientOptions

    func run() async throws {
        let token = try await options.client().accessToken()
        token.reveal { Output.line($0) }
    }
}
