import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet client`: the apps that sign people in.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Register, list, change and remove OAuth clients.",
        subcommands: [ClientAdd.self, List.self, Show.self, ClientUpdate.self, Remove.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the clients.")

        @Flag(help: "As JSON.") var json = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let clients = try await `operator`.store().clients()
            guard !json else { return Output.json(["clients": .array(clients.map { .object(ClientCommand.json($0)) })]) }
            Output.table(
                ["CLIENT_ID", "NAME", "PARTY", "SCOPE", "RESOURCES"],
                clients.map {
                    [
                        $0.id.description, $0.name, $0.isFirstParty ? "first" : "third", $0.scope.description,
                        $0.resources.joined(separator: " "),
                    ]
                }
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one client.")

        @Argument(help: "The client_id.") var id: String
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            guard let id = ClientID(id), let client = try await store.client(id) else { throw ClientRefusal.unknownClient }
            var object = ClientCommand.json(client)
            if client.isConfidential {
                // Their moments are all that anyone is told of them.
                object["secrets_created_at"] = .array(try await store.secretMoments(of: id).map { .string($0.rfc3339) })
            }
            guard !json else { return Output.json(.object(object)) }
            for member in object.members {
                Output.line(
                    "\(member.name): \(member.value.string ?? member.value.strings?.joined(separator: " ") ?? member.value.text)")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a client; its sessions end with it.")

        @Argument(help: "The client_id.") var id: String
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            guard let id = ClientID(id) else { throw ClientRefusal.unknownClient }
            try await `operator`.store().removeClient(id, by: .admin)
        }
    }

    private static func json(_ client: Client) -> JSONObject {
        var object = JSONObject()
        object["client_id"] = .string(client.id.description)
        object["name"] = .string(client.name)
        object["first_party"] = .bool(client.isFirstParty)
        object["confidential"] = .bool(client.isConfidential)
        object["resource_server"] = .bool(client.isResourceServer)
        object["grants"] = .array(client.grants.map(\.rawValue).sorted().map(JSONValue.string))
        object["scope"] = .string(client.scope.description)
        object["default_scope"] = .string(client.defaultScope.description)
        object["resources"] = .array(client.resources.map(JSONValue.string))
        object["redirect_uris"] = .array(client.redirectURIs.map(JSONValue.string))
        object["rotation"] = .bool(client.policy.rotates)
        object["window"] = client.policy.window.map { .string(DurationText.text($0)) }
        object["access_lifetime"] = client.policy.accessLifetime.map { .string(DurationText.text($0)) }
        object["idle_lifetime"] = client.policy.idleLifetime.map { .string(DurationText.text($0)) }
        object["absolute_lifetime"] = client.policy.absoluteLifetime.map { .string(DurationText.text($0)) }
        object["sessions_per_user"] = client.policy.sessionLimit.map { .string($0.description) }
        object["created_at"] = .string(client.createdAt.rfc3339)
        return object
    }
}

extension JSONValue {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
