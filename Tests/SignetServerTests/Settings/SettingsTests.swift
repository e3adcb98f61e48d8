import Foundation
import Logging
import SignetSessions
import SignetTokens
import Testing

@testable import SignetServer

@Suite("Settings")
struct SettingsTests {
    @Test("a flag is stronger than the environment, that than the file, and that than the default")
    func ordersSources() throws {
        let file = try YAMLFile("http:\n  port: 3\n  host: ::1\nwindow: 7s\n")
        let environment = ["SIGNET_HTTP_PORT": "2", "SIGNET_HTTP_HOST": "localhost", "HOME": "/root"]

        let settings = try settings([.httpPort: "1"], environment, file)

        #expect(settings.port == 1)
        #expect(settings.host == "localhost")
        #expect(settings.server.window == .seconds(7))
        #expect(settings.server.accessLifetime == .seconds(300))
        let sources = [SettingKey.httpPort, .httpHost, .window, .accessLifetime].map { key in
            settings.listing.first { $0.key == key }?.source
        }
        #expect(sources == ["flag", "environment", file.path, "default"])
    }

    @Test("the defaults are those of the design")
    func hasDefaults() throws {
        let settings = try settings()

        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8080)
        #expect(settings.logLevel == .info)
        #expect(settings.passwordMinimumLength == 15)
        #expect(settings.server.database == "signet.db")
        #expect(settings.server.keyFile == "signet.key")
        #expect(settings.server.issuer == nil)
        #expect(settings.server.idleLifetime == .seconds(30 * 86_400))
        #expect(settings.server.absoluteLifetime == .seconds(365 * 86_400))
        #expect(settings.server.window == .seconds(60))
        #expect(settings.server.keyCacheTime == .seconds(300))
        #expect(settings.server.keyRotationAge == .seconds(90 * 86_400))
        #expect(settings.server.deadSessionRetention == .seconds(7 * 86_400))
        #expect(settings.server.originKeeping == .network)
        #expect(settings.server.passwordMemory == 19_456)
        #expect(settings.server.passwordPasses == 2)
        #expect(settings.warnings == [])
    }

    @Test(
        "the key file lies beside the database",
        arguments: [("/var/lib/signet/s.db", "/var/lib/signet/signet.key"), ("s.db", "signet.key")])
    func placesKeyFile(database: String, keyFile: String) throws {
        #expect(try settings([.database: database]).server.keyFile == keyFile)
        #expect(try settings([.database: database, .keyFile: "k"]).server.keyFile == "k")
    }

    @Test(
        "a wrong value is one sentence that names it where it stood",
        arguments: [
            (.httpPort, "65536", "http.port must be a number from 0 to 65535."),
            (.httpPort, "-1", "http.port must be a number from 0 to 65535."),
            (.httpPort, "80.0", "http.port must be a number from 0 to 65535."),
            (.httpInsecure, "yes", "http.insecure must be true or false."),
            (.keysCacheTime, "0s", "keys.cacheTime must be between 1s and 1h."),
            (.keysCacheTime, "2h", "keys.cacheTime must be between 1s and 1h."),
            (.keysRotateEvery, "23h", "keys.rotateEvery must be at least 1d, or never."),
            (.keysRotateEvery, "often", "keys.rotateEvery must be a duration such as 12h or 30d, or never."),
            (.logLevel, "loud", "log.level must be trace, debug, info, warning or error."),
            (.accessLifetime, "5", "accessLifetime must be a duration such as 90s, 5m, 12h or 30d."),
            (.accessLifetime, "never", "accessLifetime must be a duration such as 90s, 5m, 12h or 30d."),
            (.accessLifetime, "61m", "The access lifetime must be between 1s and 1h."),
            (.accessLifetime, "0s", "The access lifetime must be between 1s and 1h."),
            (.idleLifetime, "1.5d", "idleLifetime must be a duration such as 12h or 30d, or never."),
            (.idleLifetime, "1m", "The idle lifetime must not be shorter than the access lifetime."),
            (.idleLifetime, "never", "The absolute lifetime must not be shorter than the idle lifetime."),
            (.absoluteLifetime, "1d", "The absolute lifetime must not be shorter than the idle lifetime."),
            (.window, "2h", "The window must be between 0s and 1h."),
            (.deadSessions, "never", "deadSessions must be a duration such as 90s, 5m, 12h or 30d."),
            (
                .deadSessions, "7199s",
                "Dead sessions must be kept for at least 2h: until then an access token of theirs may be alive."
            ),
            (.passwordMinimumLength, "7", "password.minimumLength must be a number from 8 to 128."),
            (.passwordThreads, "0", "password.threads must be a number from 1 to 64."),
            (.passwordQueue, "many", "password.queue must be a number from 1 to 10000."),
            (.passwordMemory, "19455", "password.memory must be a number from 19456 to 1048576."),
            (.devicesOrigin, "city", "devices.origin must be network, full or none."),
            (.passwordPasses, "1", "password.passes must be a number from 2 to 64."),
            (.httpTrustedProxies, "10.0.0.0/33", "http.trustedProxies must be addresses such as 10.0.0.0/8 or ::1."),
            (.httpTrustedProxies, "10.0.0.0/8,proxy", "http.trustedProxies must be addresses such as 10.0.0.0/8 or ::1."),
            (.issuer, "https://id.example.com/", IssuerURL.demand), (.issuer, "ftp://id.example.com", IssuerURL.demand),
            (.tlsKey, "key.pem", "TLS needs both --tls-certificate and --tls-key."),
            (.httpHost, "", "http.host must not be empty."), (.keyFile, "", "keyFile must not be empty."),
            (.issuer, "", "issuer must not be empty."), (.database, "", "database must not be empty."),
        ] as [(SettingKey, String, String)]
    )
    func refusesWrongValues(key: SettingKey, text: String, sentence: String) throws {
        let file = try YAMLFile(
            key.rawValue.split(separator: ".").enumerated().map { String(repeating: "  ", count: $0) + $1 + ":" }
                .joined(separator: "\n") + " \"\(text)\"\n")

        func named(_ name: String) -> String {
            sentence.hasPrefix(key.rawValue + " ") ? name + sentence.dropFirst(key.rawValue.count) : sentence
        }
        #expect(problem([:], [:], file) == sentence)
        #expect(problem([:], [key.variable: text]) == named(key.variable))
        if let flag = key.flag { #expect(problem([key: text]) == named(flag)) }
    }

    @Test("an unknown variable is refused, other commands' and other programs' are not")
    func refusesUnknownVariables() throws {
        #expect(
            problem([:], ["SIGNET_HTTP_PROT": "1"])
                == "There is no setting SIGNET_HTTP_PROT; `signet serve --print-config` lists them all.")
        _ = try settings([:], ["SIGNET_SERVER": "x", "SIGNET_STORE": "y", "PORT": "1"])
    }

    @Test(
        "a file that says something else than settings is refused in one sentence",
        arguments: [
            ("prot: 1", "There is no setting prot, as in FILE; `signet serve --print-config` lists them all."),
            ("http:\n  prot: 1", "There is no setting http.prot, as in FILE; `signet serve --print-config` lists them all."),
            ("window: 1s\nwindow: 2s", "The setting window is in FILE twice."),
            ("http:\n  port: 1\nhttp.port: 2", "The setting http.port is in FILE twice."),
            ("window: [1s]", "The setting window in FILE must be one value."),
            ("http:\n  trustedProxies: [[a]]", "The setting http.trustedProxies in FILE must be one value."),
            ("- window", "The configuration file FILE is not a YAML mapping; see `signet serve --print-config` for the names."),
            ("a: b: c", "The configuration file FILE is not a YAML mapping; see `signet serve --print-config` for the names."),
        ]
    )
    func refusesOtherFiles(yaml: String, sentence: String) throws {
        let file = try YAMLFile(yaml)

        #expect(problem([:], [:], file)?.replacing(file.path, with: "FILE") == sentence)
    }

    @Test("a file that cannot be read is refused, and one of comments alone says nothing")
    func readsFiles() throws {
        #expect(throws: SettingsProblem("The configuration file /nowhere cannot be read; check the path given with --config.")) {
            try SettingsSources(flags: [:], environment: [:], file: "/nowhere")
        }
        #expect(try settings([:], [:], YAMLFile("# nothing yet\n")).port == 8080)
    }

    @Test("the environment may name the file")
    func takesFileFromEnvironment() throws {
        let file = try YAMLFile("http:\n  port: 9\n  trustedProxies: [10.0.0.0/8, \"::1\"]\n")

        let settings = try settings([:], ["SIGNET_CONFIG": file.path])

        #expect(settings.port == 9)
        #expect(settings.server.trustedProxies.count == 2)
    }

    @Test("the listing shows every setting, its value and where it came from")
    func listsSettings() throws {
        let listing = try settings([.issuer: "https://id.example.com"], ["SIGNET_WINDOW": "0s"]).listing

        #expect(listing.map(\.key) == SettingKey.allCases)
        #expect(listing.first { $0.key == .issuer }?.source == "flag")
        #expect(listing.first { $0.key == .window }?.text == "0s")
        #expect(listing.first { $0.key == .window }?.source == "environment")
        #expect(listing.first { $0.key == .tlsKey }?.source == "unset")
    }

    @Test("every setting has a variable of its own")
    func namesVariables() {
        #expect(Set(SettingKey.allCases.map(\.variable)).count == SettingKey.allCases.count)
        #expect(SettingKey.httpTrustedProxies.variable == "SIGNET_HTTP_TRUSTED_PROXIES")
        #expect(SettingKey.accessLifetime.variable == "SIGNET_ACCESS_LIFETIME")
    }

    @Test(
        "plain HTTP leaves this machine only by a decision",
        arguments: [
            (["http.host": "0.0.0.0"], false), (["http.host": "::"], false), (["http.host": "192.0.2.1"], false),
            (["http.host": "localhost"], true), (["http.host": "127.9.9.9"], true), (["http.host": "::1"], true),
            (["http.host": "0.0.0.0", "http.insecure": "true"], true),
            (["http.host": "0.0.0.0", "http.trustedProxies": "10.0.0.1"], true),
            (["http.host": "0.0.0.0", "tls.certificate": "c", "tls.key": "k"], true),
        ] as [([String: String], Bool)]
    )
    func guardsExposure(values: [String: String], isAllowed: Bool) throws {
        let flags = Dictionary(
            uniqueKeysWithValues: values.compactMap { name, value in SettingKey(rawValue: name).map { ($0, value) } })

        let problem = problem(flags)

        #expect((problem == nil) == isAllowed)
        #expect(isAllowed || problem?.contains("--insecure-http") == true)
    }

    @Test("short access tokens and a plain issuer are warned of")
    func warns() throws {
        #expect(try settings([.accessLifetime: "59s", .issuer: "http://id.example.com"]).warnings.count == 2)
        #expect(try settings([.accessLifetime: "60s", .issuer: "http://localhost:8080"]).warnings == [])
    }

    private func settings(
        _ flags: [SettingKey: String] = [:], _ environment: [String: String] = [:], _ file: YAMLFile? = nil
    ) throws -> Settings {
        try Settings(SettingsSources(flags: flags, environment: environment, file: file?.path))
    }

    private func problem(
        _ flags: [SettingKey: String] = [:], _ environment: [String: String] = [:], _ file: YAMLFile? = nil
    ) -> String? {
        do {
            _ = try settings(flags, environment, file)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// A file that lives as long as its test.
private final class YAMLFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "signet-\(UUID().uuidString).yaml").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
