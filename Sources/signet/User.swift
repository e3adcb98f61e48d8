import ArgumentParser
import SignetSessions
import SignetTokens

/// `signet user`: people.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add, list, disable and sign out people.",
        subcommands: [Add.self, List.self, Disable.self, Enable.self, ChangePassword.self, SignOut.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a user; the password is asked for.")

        @Argument(help: "The name to sign in with.") var name: String
        @Option(help: "The user's e-mail address.") var email: String?
        @Flag(help: "Give the user the role admin.") var admin = false
        @Flag(help: "Read the password from standard input.") var passwordStdin = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            guard let name = Username(name) else {
                throw CommandFailure("A name has 1 to 128 characters, no control characters, and no spaces at its ends.")
            }
            let store = try await `operator`.store()
            let hash = try await `operator`.hash(PasswordInput.read(isFromStandardInput: passwordStdin, isNew: true))
            let user = try await store.addUser(
                UserID.random(systemRandomBytes), name: name, email: email, password: hash, roles: admin ? [Role.admin.name] : []
            )
            Output.line("user_id: \(user.id)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the users.")

        @Flag(help: "As JSON.") var json = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            var users: [User] = []
            var cursor: Username?
            repeat {
                let page = try await store.users(after: cursor, limit: 500)
                users += page
                cursor = page.count == 500 ? page.last.flatMap { Username($0.name) } : nil
            } while cursor != nil
            guard !json else { return Output.json(["users": .array(users.map(Self.json))]) }
            Output.table(
                ["NAME", "ID", "ROLES", "CREATED", "STATE"],
                users.map {
                    [
                        $0.name, $0.id.description, $0.roles.joined(separator: ","), $0.createdAt.rfc3339,
                        $0.disabledAt == nil ? "active" : "disabled",
                    ]
                }
            )
        }

        private static func json(_ user: User) -> JSONValue {
            var object = JSONObject()
            object["id"] = .string(user.id.description)
            object["name"] = .string(user.name)
            object["email"] = user.email.map(JSONValue.string)
            object["roles"] = .array(user.roles.map(JSONValue.string))
            object["created_at"] = .string(user.createdAt.rfc3339)
            object["disabled_at"] = user.disabledAt.map { .string($0.rfc3339) }
            return .object(object)
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Disable a user and end all their sessions.")

        @Argument var name: String
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            try await store.setDisabled(true, user: user(named: name, in: store).id, by: .admin)
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled user sign in again.")

        @Argument var name: String
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            try await store.setDisabled(false, user: user(named: name, in: store).id, by: .admin)
        }
    }

    struct ChangePassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "password", abstract: "Set a user's password and end all their sessions."
        )

        @Argument var name: String
        @Flag(help: "Read the password from standard input.") var passwordStdin = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            let user = try await user(named: name, in: store)
            let hash = try await `operator`.hash(PasswordInput.read(isFromStandardInput: passwordStdin, isNew: true))
            try await store.setPassword(hash, of: user.id, keeping: nil, by: .admin)
        }
    }

    struct SignOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "sign-out", abstract: "End all sessions of a user.")

        @Argument var name: String
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            let store = try await `operator`.store()
            let user = try await user(named: name, in: store)
            let count = try await store.revokeSessions(
                UserRevocation(userID: user.id, ending: .revokedByAdmin, actor: .admin))
            Output.line(count == 1 ? "1 session ended" : "\(count) sessions ended")
        }
    }
}
