import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet session`: devices.
struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "List, show and revoke sessions.", subcommands: [List.self, Show.self, Revoke.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the live sessions.")

        @Option(help: "Only this user's.") var user: String?
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            let defaults = try SessionCommand.defaults(`operator`)
            var owner: UserID?
            if let user { owner = try await signet.user(named: user, in: store).id }
            var standings: [SessionStanding] = []
            var cursor: SessionID?
            repeat {
                let page = try await store.sessions(of: owner, after: cursor, limit: 500, defaults: defaults)
                standings += page
                cursor = page.count == 500 ? page.last?.session.id : nil
            } while cursor != nil
            guard !json else { return Output.json(["sessions": .array(standings.map(SessionCommand.json))]) }
            Output.table(
                ["ID", "USER", "DEVICE", "CLIENT", "CREATED", "LAST RENEWED"],
                standings.map {
                    [
                        $0.session.id.description, $0.username, $0.session.deviceName?.description ?? "",
                        $0.client.id.description,
                        $0.session.row.createdAt.rfc3339, $0.session.row.lastRenewedAt.rfc3339,
                    ]
                }
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one session, also one that has ended.")

        @Argument(help: "The session's id.") var id: String
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            guard let id = SessionID(id), let owner = try await store.user(of: id),
                let standing = try await store.standing(of: id, user: owner, defaults: SessionCommand.defaults(`operator`))
            else { throw SessionCommand.unknown }
            let object = SessionCommand.json(standing)
            guard !json else { return Output.json(object) }
            for member in object.object?.members ?? [] {
                Output.line(
                    "\(member.name): \(member.value.string ?? member.value.strings?.joined(separator: " ") ?? member.value.integer.map { "\($0)" } ?? "")"
                )
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End one session.")

        @Argument(help: "The session's id.") var id: String
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            guard let id = SessionID(id), let owner = try await store.user(of: id) else { throw SessionCommand.unknown }
            _ = try await store.revokeSession(
                SessionRevocation(sessionID: id, userID: owner, ending: .revokedByAdmin, actor: .admin, origin: .unknown)
            )
        }
    }

    private static let unknown = CommandFailure("There is no session of this id; `signet session list` shows them.")

    private static func defaults(_ options: OperatorOptions) throws -> PolicyDefaults {
        try options.settings().server.policyDefaults
    }

    private static func json(_ standing: SessionStanding) -> JSONValue {
        let session = standing.session
        var object = JSONObject()
        object["id"] = .string(session.id.description)
        object["user_id"] = .string(session.userID.description)
        object["username"] = .string(standing.username)
        object["device_name"] = session.deviceName.map { .string($0.description) }
        object["client_id"] = .string(standing.client.id.description)
        object["scope"] = .string(session.row.scope.description)
        object["created_at"] = .string(session.row.createdAt.rfc3339)
        object["last_renewed_at"] = .string(session.row.lastRenewedAt.rfc3339)
        object["generation"] = .integer(Int64(session.row.generation))
        object["address"] = session.origin.address.map(JSONValue.string)
        object["user_agent"] = session.origin.userAgent.map(JSONValue.string)
        object["amr"] = .array(session.authenticationMethods.map(JSONValue.string))
        object["ending"] = standing.ending.map { .string($0.rawValue) }
        return .object(object)
    }
}
