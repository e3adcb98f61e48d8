import ArgumentParser
import Foundation
import SignetServer
import SignetSessions

/// The command tree.
@main
struct Signet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signet", abstract: "Short-lived access tokens and revocable refresh tokens for web APIs.",
        groupedSubcommands: [
            CommandGroup(name: "Serve", subcommands: [ServeCommand.self, DemoCommand.self]),
            CommandGroup(
                name: "Operate",
                subcommands: [
                    UserCommand.self, ClientCommand.self, SessionCommand.self, KeyCommand.self, ExplainCommand.self,
                ]),
            CommandGroup(
                name: "Sign in",
                subcommands: [
                    LoginCommand.self, TokenCommand.self, CallCommand.self, DevicesCommand.self, LogoutCommand.self,
                ]),
            CommandGroup(name: "Try a client", subcommands: [ProxyLostAnswers.self]),
        ]
    )

    /// Runs a command: status 0 when it is done, 1 with one sentence on standard error when it failed, 64 when it was used wrongly.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let problem as SettingsProblem {
            end(64, problem.description)
        } catch let refusal as any Refusal {
            end(1, refusal.sentence)
        } catch let error as any OperatorError {
            end(1, error.description)
        } catch {
            exit(withError: error)
        }
    }

    private static func end(_ status: Int32, _ sentence: String) -> Never {
        FileHandle.standardError.write(Data((sentence + "\n").utf8))
        Foundation.exit(status)
    }
}

/// An error whose description is a sentence for whoever runs the command.
protocol OperatorError: Error, CustomStringConvertible {}
