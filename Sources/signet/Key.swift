import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet key`: the server's keys.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "List, rotate and retire the server's keys.",
        subcommands: [KeyList.self, KeyRotate.self, KeyRetire.self])
}

/// What the commands that change keys take besides the database.
struct KeyOptions: ParsableArguments {
    @Option(help: "The master key; by default signet.key beside the database.") var keyFile: String?
    @OptionGroup var `operator`: OperatorOptions

    /// The master key file.
    func masterKeyFile() throws -> MasterKeyFile {
        MasterKeyFile(path: try keyFile ?? `operator`.settings().server.keyFile)
    }

    /// What changes keys.
    func change() async throws -> ChangeKeys {
        ChangeKeys(
            store: try await `operator`.store(), keyFile: try masterKeyFile(), clock: SystemWallClock(),
            randomBytes: systemRandomBytes)
    }
}
