import ArgumentParser
import Foundation
import SignetServer
import SignetSessions
import SignetTokens

/// `signet client add NAME`: registers a public client.
struct ClientAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Register a client.")

    @Argument(help: "What people call it.") var name: String
    @Option(name: .customLong("redirect-uri"), help: "Where a browser may be sent back to; may be repeated.") var redirectURIs:
        [String] = []
    @Flag(help: "It can keep a secret: it gets one, shown once.") var confidential = false
    @Flag(help: "It is an API: it introspects the tokens for its resources, and reads the revocation feed.") var resourceServer =
        false
    @Flag(help: "It is our own app: it may sign people in by password.") var firstParty = false
    @Option(name: .customLong("grant"), help: "What it may do; may be repeated.") var grants: [String] = []
    @Option(name: .customLong("scope"), help: "A scope that it may ask for; may be repeated.") var scopes: [String] = []
    @Option(name: .customLong("resource"), help: "An API that its tokens are for; may be repeated, the first is the default.")
    var resources: [String] = []
    @Option(help: "How long its access tokens live, such as 5m.") var accessLifetime: String?
    @Option(help: "How long its sessions live without being renewed, such as 30d, or never.") var idleLifetime: String?
    @Option(help: "How long its sessions live at most, such as 365d, or never.") var absoluteLifetime: String?
    @Option(help: "How long after a rotation it may repeat it without an idempotency key, such as 60s.") var window: String?
    @Option(help: "How many sessions a user may have with it: N ends the least recently used, N:refuse refuses the sign-in.")
    var sessionsPerUser: String?
    @Flag(help: "Keep one refresh token per session; needs DPoP.") var noRotation = false
    @OptionGroup var `operator`: OperatorOptions

    func run() async throws {
        let policy = try policy()
        let resolved = try policy.resolved(with: `operator`.settings().server.policyDefaults)
        if let objection = resolved.objection { throw SettingsProblem(objection) }
        let isConfidential = confidential || resourceServer
        guard !(isConfidential && firstParty) || confidential else {
            throw SettingsProblem("A resource server is no app that signs people in; leave out --first-party.")
        }
        let secret = isConfidential ? ClientSecret.random(systemRandomBytes) : nil
        let client = Client(
            id: try clientID(), name: try checkedName(), isFirstParty: firstParty, isConfidential: isConfidential,
            isResourceServer: resourceServer, grants: try grantTypes(), scope: try scope(),
            defaultScope: try scope(), resources: try checkedResources(), redirectURIs: try checkedRedirectURIs(), policy: policy,
            createdAt: SystemWallClock().now
        )
        try await `operator`.store().addClient(client, secret: secret?.hash)
        Output.line("client_id: \(client.id)")
        // Once, and nowhere else: the database has its hash alone.
        secret?.text.reveal { Output.line("client_secret: \($0)") }
        note(client, resolved)
    }

    private func note(_ client: Client, _ policy: ResolvedPolicy) {
        if !firstParty && !resourceServer && client.resources.isEmpty {
            Output.note(
                "Without --resource this client gets invalid_target until one is registered: a third party's tokens need an API to be for."
            )
        }
        if policy.accessLifetime < .seconds(60) {
            Output.note("Access tokens that live for less than a minute make every device renew very often.")
        }
        if client.redirectURIs.contains(where: { URLComponents(string: $0)?.host == "localhost" }) {
            Output.note("Prefer http://127.0.0.1 to http://localhost in redirect URIs (RFC 8252, section 8.3).")
        }
    }

    private func policy() throws -> ClientPolicy {
        // RFC 9700, section 2.2.2: a public client's refresh tokens are rotated, or bound to a key.
        guard !noRotation || confidential else {
            throw SettingsProblem("A public client without rotation needs DPoP, which this version does not have yet.")
        }
        func read<Value>(
            _ flag: String, _ text: String?, _ parse: (String) -> Value?,
            as expected: String = "a duration such as 90s, 5m, 12h or 30d"
        ) throws -> Value? {
            guard let text else { return nil }
            guard let value = parse(text) else { throw SettingsProblem("\(flag) must be \(expected).") }
            return value
        }
        return ClientPolicy(
            rotates: !noRotation,
            window: try read("--window", window, DurationText.duration),
            accessLifetime: try read("--access-lifetime", accessLifetime, DurationText.duration),
            idleLifetime: try read("--idle-lifetime", idleLifetime, DurationText.lifetime),
            absoluteLifetime: try read("--absolute-lifetime", absoluteLifetime, DurationText.lifetime),
            sessionLimit: try read(
                "--sessions-per-user", sessionsPerUser, SessionLimit.init,
                as: "a number from 1 to 1000, such as 5, or 5:refuse")
        )
    }

    private func checkedName() throws -> String {
        guard let name = Username(name) else {
            throw SettingsProblem("A client's name has 1 to 128 characters without control characters.")
        }
        return name.text
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
            if !redirectURIs.isEmpty { defaults.formUnion([.authorizationCode, .refreshToken]) }
            if firstParty { defaults.formUnion([.passwordSignIn, .refreshToken]) }
            if confidential, redirectURIs.isEmpty { defaults.insert(.clientCredentials) }
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

    private func scope() throws -> Scope {
        let text = scopes.isEmpty && firstParty ? "account" : scopes.joined(separator: " ")
        guard let scope = Scope(text) else {
            throw SettingsProblem("--scope must be words of visible characters, such as notes:read.")
        }
        return scope
    }

    private func checkedResources() throws -> [String] {
        // RFC 8707, section 2: an absolute URI without a fragment.
        guard resources.allSatisfy({ Self.isAbsoluteURI($0) }) else {
            throw SettingsProblem("--resource must be an absolute URI without a fragment, such as https://api.example.com.")
        }
        return resources
    }

    private func checkedRedirectURIs() throws -> [String] {
        for uri in redirectURIs {
            let parts = URLComponents(string: uri)
            let isAllowed =
                switch parts?.scheme {
                case "https"?: parts?.host?.isEmpty == false
                case "http"?: parts?.host.map(IssuerURL.isLoopback) ?? false
                // RFC 8252, section 7.1: a private-use scheme is a reversed domain name.
                case let scheme?: scheme.contains(".")
                case nil: false
                }
            guard Self.isAbsoluteURI(uri), isAllowed else {
                throw SettingsProblem(
                    "--redirect-uri must be https, http on loopback, or a private scheme such as com.example.app:/callback.")
            }
        }
        return redirectURIs
    }

    private static func isAbsoluteURI(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: text) else { return false }
        return parts.scheme != nil && parts.fragment == nil && !text.contains("#")
    }
}
