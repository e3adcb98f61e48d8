import ArgumentParser
import SignetClient
import SignetTokens

/// `signet devices`: where the person is signed in.
struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List your devices, rename one, or sign one out.",
        subcommands: [Rename.self, Revoke.self])

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: EndClientOptions

    func run() async throws {
        let devices = try await options.client().devices()
        guard !json else { return Output.json(["sessions": .array(devices.map { .object($0.details) })]) }
        Output.table(
            ["ID", "DEVICE", "CLIENT", "CREATED", "LAST RENEWED", ""],
            devices.map {
                [
                    $0.id.description, $0.name ?? "", $0.clientID ?? "", $0.createdAt ?? "", $0.lastRenewedAt ?? "",
                    $0.isCurrent ? "this device" : "",
                ]
            })
    }

    private static let unknown = CommandFailure("You have no device of this id; `signet devices` shows them.")

    /// `signet devices rename ID NAME`: calls one of them something else.
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Rename one of your devices.")

        @Argument(help: "The device's id, from `signet devices`.") var id: String
        @Argument(help: "What to call it from now on.") var name: String
        @OptionGroup var options: EndClientOptions

        func run() async throws {
            guard let id = SessionID(id), try await options.client().renameDevice(id, to: name) != nil else {
                throw DevicesCommand.unknown
            }
        }
    }

    /// `signet devices revoke ID`: signs one of them out.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sign one of your devices out.")

        @Argument(help: "The device's id, from `signet devices`.") var id: String
        @OptionGroup var options: EndClientOptions

        func run() async throws {
            guard let id = SessionID(id) else { throw DevicesCommand.unknown }
            let client = try options.client()
            // This machine's own session: then its tokens go too.
            if try await client.storedSession().sessionID == id { return try await client.signOut() }
            guard try await client.revokeDevice(id) else { throw DevicesCommand.unknown }
        }
    }
}
