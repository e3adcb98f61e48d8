import ArgumentParser
import Foundation
import Logging
import SignetServer

/// `signet serve`: the token server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the token server; database, keys and built-in clients are made if they are missing."
    )

    @Option(help: "The address to listen on.") var host: String?
    @Option(help: "The port to listen on.") var port: String?
    @Option(help: "The database: a file.") var database: String?
    @Option(help: "The server's name in every token, such as https://id.example.com.") var issuer: String?
    @Option(help: "The master key; by default signet.key beside the database.") var keyFile: String?
    @Option(help: "A PEM file with the certificate chain.") var tlsCertificate: String?
    @Option(help: "A PEM file with the certificate's key.") var tlsKey: String?
    @Flag(help: "Allow plain HTTP on an address that is not loopback.") var insecureHTTP = false
    @Option(
        name: .customLong("trusted-proxy"),
        help: "A proxy whose X-Forwarded-For is believed, such as 10.0.0.0/8; may be repeated.")
    var trustedProxies: [String] = []
    @Flag(help: "Let everyone read the revocation feed.") var publicRevocationFeed = false
    @Option(help: "How long access tokens live, such as 5m.") var accessLifetime: String?
    @Option(help: "How long a session lives without being renewed, such as 30d, or never.") var idleLifetime: String?
    @Option(help: "How long a session lives at most, such as 365d, or never.") var absoluteLifetime: String?
    @Option(help: "How long after a rotation clients without idempotency keys may repeat it, such as 60s.") var window: String?
    @Option(help: "trace, debug, info, warning or error.") var logLevel: String?
    @Option(help: "A YAML file with settings.") var config: String?
    @Flag(help: "Show each setting and where it comes from, then end.") var printConfig = false

    func run() async throws {
        let settings = try Settings(
            SettingsSources(flags: flags, environment: ProcessInfo.processInfo.environment, file: config)
        )
        if printConfig { return Self.print(settings) }

        // One record a line on standard error; standard output has the ready line alone.
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "signet")
        logger.logLevel = settings.logLevel
        try await Serve(settings, logger: logger) { url in Output.line("Signet is ready at \(url)") }
    }

    private var flags: [SettingKey: String] {
        let given: [SettingKey: String?] = [
            .httpHost: host, .httpPort: port, .database: database, .issuer: issuer, .keyFile: keyFile,
            .tlsCertificate: tlsCertificate,
            .tlsKey: tlsKey, .httpInsecure: insecureHTTP ? "true" : nil,
            .feedPublic: publicRevocationFeed ? "true" : nil,
            .httpTrustedProxies: trustedProxies.isEmpty ? nil : trustedProxies.joined(separator: ","),
            .accessLifetime: accessLifetime,
            .idleLifetime: idleLifetime, .absoluteLifetime: absoluteLifetime, .window: window, .logLevel: logLevel,
        ]
        return given.compactMapValues(\.self)
    }

    private static func print(_ settings: Settings) {
        Output.table(
            ["SETTING", "VALUE", "FROM", "VARIABLE"],
            settings.listing.map { [$0.key.rawValue, $0.text ?? "", $0.source, $0.key.variable] }
        )
    }
}
