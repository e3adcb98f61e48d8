import ArgumentParser
import Foundation
import SignetServer
import SignetSessions
import SignetTokens

/// What an operator can say of a client, when it is registered and later; what is left out stays as it is.
struct ClientOptions: ParsableArguments {
    @Option(name: .customLong("redirect-uri"), help: "Where a browser may be sent back to; may be repeated.") var redirectURIs:
        [String] = []
    @Option(name: .customLong("scope"), help: "A scope that it may ask for; may be repeated.") var scopes: [String] = []
    @Option(name: .customLong("resource"), help: "An API that its tokens are for; may be repeated, the first is the default.")
    var resources: [String] = []
    @Option(help: "How long its access tokens live, such as 5m.") var accessLifetime: String?
    @Option(help: "How long its sessions live without being renewed, such as 30d, or never.") var idleLifetime: String?
    @Option(help: "How long its sessions live at most, such as 365d, or never.") var absoluteLifetime: String?
    @Option(help: "How long after a rotation it may repeat it without an idempotency key, such as 60s.") var window: String?
    @Option(help: "How many sessions a user may have with it: N ends the least recently used, N:refuse refuses the sign-in.")
    var sessionsPerUser: String?

    /// Whether anything was said.
    var isEmpty: Bool {
        redirectURIs.isEmpty && scopes.isEmpty && resources.isEmpty
            && [accessLifetime, idleLifetime, absoluteLifetime, window, sessionsPerUser].allSatisfy { $0 == nil }
    }

    /// A client with what was said of it.
    /// - Throws: ``SettingsProblem``.
    func applied(to client: Client, defaults: PolicyDefaults) throws -> Client {
        var client = client
        client.redirectURIs = redirectURIs.isEmpty ? client.redirectURIs : try checkedRedirectURIs()
        client.resources = resources.isEmpty ? client.resources : try checkedResources()
        if !scopes.isEmpty {
            client.scope = try checkedScope()
            client.defaultScope = client.scope
        }
        client.policy = try applied(to: client.policy)
        if let objection = client.policy.resolved(with: defaults).objection { throw SettingsProblem(objection) }
        return client
    }

    private func applied(to policy: ClientPolicy) throws -> ClientPolicy {
        ClientPolicy(
            rotates: policy.rotates,
            window: try value("--window", window, policy.window, DurationText.duration),
            accessLifetime: try value("--access-lifetime", accessLifetime, policy.accessLifetime, DurationText.duration),
            idleLifetime: try value("--idle-lifetime", idleLifetime, policy.idleLifetime, DurationText.lifetime),
            absoluteLifetime: try value("--absolute-lifetime", absoluteLifetime, policy.absoluteLifetime, DurationText.lifetime),
            sessionLimit: try value(
                "--sessions-per-user", sessionsPerUser, policy.sessionLimit, SessionLimit.init,
                "a number from 1 to 1000, such as 5, or 5:refuse")
        )
    }

    /// A value of the policy: as it was, the server's default again, or another one.
    private func value<Value>(
        _ flag: String, _ text: String?, _ before: Value?, _ parse: (String) -> Value?,
        _ expected: String = "a duration such as 90s, 5m, 12h or 30d"
    ) throws -> Value? {
        guard let text else { return before }
        guard text != "default" else { return nil }
        guard let value = parse(text) else { throw SettingsProblem("\(flag) must be \(expected).") }
        return value
    }

    private func checkedScope() throws -> Scope {
        guard let scope = Scope(scopes.joined(separator: " ")) else {
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

    /// A client's name, if it can be one.
    /// - Throws: ``SettingsProblem``.
    static func checked(name: String) throws -> String {
        guard let name = Username(name) else {
            throw SettingsProblem("A client's name has 1 to 128 characters without control characters.")
        }
        return name.text
    }

    /// Says on standard error what an operator may not have meant.
    static func note(_ client: Client, defaults: PolicyDefaults) {
        if !client.isFirstParty && !client.isResourceServer && client.resources.isEmpty {
            Output.note(
                "Without --resource this client gets invalid_target until one is registered: a third party's tokens need an API to be for."
            )
        }
        if client.policy.resolved(with: defaults).accessLifetime < .seconds(60) {
            Output.note("Access tokens that live for less than a minute make every device renew very often.")
        }
        if client.redirectURIs.contains(where: { URLComponents(string: $0)?.host == "localhost" }) {
            Output.note("Prefer http://127.0.0.1 to http://localhost in redirect URIs (RFC 8252, section 8.3).")
        }
    }
}
