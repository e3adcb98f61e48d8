import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet client update ID`: changes what is given of a client, for its next renewals too, and replaces its secret in two steps.
struct ClientUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change a client.",
        discussion: """
            What is given changes, at once and also for sessions that are open. The word default gives a lifetime, the window or the \
            sessions per user back to the server's defaults. A list is given as a whole.

            A secret is replaced without a pause: --new-secret, give the new one to each of the client's servers, --drop-old-secret.
            """
    )

    @Argument(help: "The client_id.") var id: String
    @Option(help: "What people call it.") var name: String?
    @OptionGroup var options: ClientOptions
    @Flag(help: "Make a second secret, shown once; both are good.") var newSecret = false
    @Flag(help: "End the older of its two secrets.") var dropOldSecret = false
    @OptionGroup var `operator`: OperatorOptions

    func validate() throws {
        guard !options.isEmpty || name != nil || newSecret || dropOldSecret else {
            throw ValidationError("Say what to change; `signet client update --help` shows what can be.")
        }
        guard !(newSecret && dropOldSecret) else {
            throw ValidationError(
                "Give the new secret to the client's servers before the old one ends: first --new-secret, then --drop-old-secret."
            )
        }
    }

    func run() async throws {
        guard let id = ClientID(id) else { throw ClientRefusal.unknownClient }
        let store = try await `operator`.store()
        let defaults = try `operator`.settings().server.policyDefaults
        if !options.isEmpty || name != nil {
            let client = try await store.updateClient(id, by: .admin) { [name, options] client in
                var client = try options.applied(to: client, defaults: defaults)
                if let name { client.name = try ClientOptions.checked(name: name) }
                return client
            }
            ClientOptions.note(client, defaults: defaults)
        }
        if dropOldSecret { try await store.dropOlderSecret(of: id, by: .admin) }
        if newSecret {
            let secret = ClientSecret.random(systemRandomBytes)
            try await store.addSecret(secret.hash, to: id, by: .admin)
            secret.text.reveal { Output.line("client_secret: \($0)") }
        }
    }
}
