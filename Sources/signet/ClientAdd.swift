import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet client add NAME`: registers a client.
struct ClientAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Register a client.")

    @Argument(help: "What people call it.") var name: String
    @Flag(help: "It can keep a secret: it gets one, shown once.") var confidential = false
    @Flag(help: "It is an API: it introspects the tokens for its resources, and reads the revocation feed.") var resourceServer =
        false
    @Flag(help: "It is our own app: it may sign people in by password.") var firstParty = false
    @Option(name: .customLong("grant"), help: "What it may do; may be repeated.") var grants: [String] = []
    @Flag(help: "Keep one refresh token per session; needs DPoP.") var noRotation = false
    @OptionGroup var options: ClientOptions
    @OptionGroup var `operator`: OperatorOptions

    func run() async throws {
        // RFC 9700, section 2.2.2: a public client's refresh tokens are rotated, or bound to a key.
        guard !noRotation || confidential else {
            throw SettingsProblem("A public client without rotation needs DPoP, which this version does not have yet.")
        }
        guard !(resourceServer && firstParty) || confidential else {
            throw SettingsProblem("A resource server is no app that signs people in; leave out --first-party.")
        }
        let isConfidential = confidential || resourceServer
        let secret = isConfidential ? ClientSecret.random(systemRandomBytes) : nil
        let scope: Scope = firstParty ? "account" : .none
        let bare = Client(
            id: try clientID(), name: try ClientOptions.checked(name: name), isFirstParty: firstParty,
            isConfidential: isConfidential, isResourceServer: resourceServer, grants: try grantTypes(), scope: scope,
            defaultScope: scope, policy: ClientPolicy(rotates: !noRotation), createdAt: SystemWallClock().now
        )
        let defaults = try `operator`.settings().server.policyDefaults
        let client = try options.applied(to: bare, defaults: defaults)
        try await `operator`.store().addClient(client, secret: secret?.hash)
        Output.line("client_id: \(client.id)")
        // Once, and nowhere else: the database has its hash alone.
        secret?.text.reveal { Output.line("client_secret: \($0)") }
        ClientOptions.note(client, defaults: defaults)
    }

    /// A name that people recognise in a log, and a random end that keeps it apart from every other.
    private func clientID() throws -> ClientID {
        let plain = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(plain).split(separator: "-").joined(separator: "-")
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        let end = String(systemRandomBytes(8).map { letters[Int($0 & 31)] })
        guard let id = ClientID(words.isEmpty ? "client-\(end)" : "\(words.prefix(40))-\(end)") else {
            throw SettingsProblem("This name cannot be made into a client id; choose another one.")
        }
        return id
    }

    private func grantTypes() throws -> Set<GrantType> {
        guard !grants.isEmpty else {
            var defaults: Set<GrantType> = []
            if !options.redirectURIs.isEmpty { defaults.formUnion([.authorizationCode, .refreshToken]) }
            if firstParty { defaults.formUnion([.passwordSignIn, .refreshToken]) }
            if confidential, options.redirectURIs.isEmpty { defaults.insert(.clientCredentials) }
            return defaults
        }
        return Set(
            try grants.map { text in
                guard let grant = GrantType(rawValue: text) else {
                    throw SettingsProblem(
                        "--grant must be password_sign_in, refresh_token, authorization_code or client_credentials.")
                }
                guard grant != .clientCredentials || confidential else {
                    throw SettingsProblem("Only a client with --confidential can have the grant client_credentials.")
                }
                return grant
            }
        )
    }
}
