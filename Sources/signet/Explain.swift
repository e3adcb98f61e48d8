import ArgumentParser
import Foundation
import SignetSQLite
import SignetServer
import SignetSessions
import SignetTokens

/// `signet explain [TOKEN]`: why a token is, or is not, accepted.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say why a token is, or is not, accepted.",
        discussion: """
            A token of any kind: a refresh token, an access token, an event of the revocation feed, or what somebody took for one. \
            Prints a verdict and what it rests on; nothing is changed or audited, and the token itself is never printed.
            With the database and its key file it says what the server knows. Without, it says what can be known without.
            Status 0 when the token would be accepted, 1 when it is refused or nobody can tell.
            Others on this machine can see the arguments of a command: prefer standard input.

                signet explain < token.txt
            """
    )

    @OptionGroup var argument: TokenArgument
    @Option(help: "Ask about the API of this name; any that an access token names when left out.") var audience: String?
    @Flag(help: "Ask no database.") var offline = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var `operator`: OperatorOptions

    func run() async throws {
        let token = try argument.read()
        let explain = ExplainToken(knowledge: try await knowledge(), clock: SystemWallClock())
        let explanation = try await explain(token, audience: audience)

        if json {
            Output.json(.object(explanation.json))
        } else {
            // Claims come from strangers too.
            for line in explanation.lines { Output.line(Output.withoutControlCharacters(line)) }
        }
        guard explanation.verdict == .accepted else { throw ExitCode.failure }
    }

    private func knowledge() async throws -> ExplainToken.Knowledge? {
        guard !offline else { return nil }
        let server = try `operator`.settings().server
        guard FileManager.default.fileExists(atPath: server.database) else {
            if `operator`.database != nil {
                Output.note("There is no database at \(server.database); this is what can be known without.")
            }
            return nil
        }
        let store = try await `operator`.store()
        guard let foundation = try await store.foundation() else { return nil }
        let keyFile = MasterKeyFile(path: server.keyFile)
        let ring = try KeyRing(
            foundation, masterKeys: keyFile.read(), keyFile: keyFile, store: store, clock: SystemWallClock())
        return ExplainToken.Knowledge(
            store: store, ring: await ring.current(), signingKeys: foundation.signingKeys, defaults: server.policyDefaults)
    }
}
