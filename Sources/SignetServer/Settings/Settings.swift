import Foundation
package import Logging
import SignetSessions

/// Everything that `signet serve` can be told, checked: a wrong value is one sentence, never a silent default.
package struct Settings: Sendable {
    package let host: String
    package let port: Int
    package let tls: (certificate: String, key: String)?
    package let logLevel: Logger.Level
    package let server: ServerConfiguration
    /// How long a password must be that somebody chooses, in code points (NIST SP 800-63B-4, section 3.1.1.2).
    package let passwordMinimumLength: Int
    /// Each setting as text, and where it came from.
    package let listing: [(key: SettingKey, text: String?, source: String)]
    /// What the operator should hear about.
    package let warnings: [String]

    /// - Throws: ``SettingsProblem``.
    package init(_ sources: SettingsSources) throws(SettingsProblem) {
        let reader = Reader(sources: sources)
        host = try reader.text(.httpHost)
        port = try reader.number(.httpPort, in: 0...65_535)
        tls = try Self.tls(reader)
        guard let level = Logger.Level(rawValue: try reader.text(.logLevel)) else {
            throw reader.wrong(.logLevel, "trace, debug, info, warning or error")
        }
        logLevel = level

        let database = try reader.text(.database)
        var server = ServerConfiguration(database: database, keyFile: try reader.optional(.keyFile))
        server.accessLifetime = try reader.duration(.accessLifetime)
        server.idleLifetime = try reader.lifetime(.idleLifetime).duration
        server.absoluteLifetime = try reader.lifetime(.absoluteLifetime).duration
        server.window = try reader.duration(.window)
        server.keyCacheTime = try reader.duration(.keysCacheTime)
        guard (.seconds(1) ... .seconds(3600)).contains(server.keyCacheTime) else {
            throw reader.wrong(.keysCacheTime, "between 1s and 1h")
        }
        server.keyRotationAge = try reader.lifetime(.keysRotateEvery).duration
        // Refresh keys are numbered up to 255.
        guard server.keyRotationAge.map({ $0 >= .seconds(86_400) }) ?? true else {
            throw reader.wrong(.keysRotateEvery, "at least 1d, or never")
        }
        server.deadSessionRetention = try reader.duration(.deadSessions)
        passwordMinimumLength = try reader.number(.passwordMinimumLength, in: 8...128)
        server.passwordThreads = try reader.number(.passwordThreads, in: 1...64)
        server.passwordQueue = try reader.number(.passwordQueue, in: 1...10_000)
        server.passwordMemory = try reader.number(.passwordMemory, in: 19_456...1_048_576)
        server.passwordPasses = try reader.number(.passwordPasses, in: 2...64)
        guard let keeping = OriginKeeping(rawValue: try reader.text(.devicesOrigin)) else {
            throw reader.wrong(.devicesOrigin, "network, full or none")
        }
        server.originKeeping = keeping
        server.isRevocationFeedPublic = try reader.flag(.feedPublic)
        server.trustedProxies = try reader.ranges(.httpTrustedProxies)
        if let objection = server.objection { throw SettingsProblem(objection) }

        let issuer = try Self.issuer(reader)
        server.issuer = issuer?.text
        self.server = server
        try Self.checkExposure(reader, host: host, hasTLS: tls != nil, hasProxy: !server.trustedProxies.isEmpty)
        warnings = Self.warnings(server, issuer)
        listing = SettingKey.allCases.map { key in
            let value = sources.value(of: key)
            return (key, value?.text, value?.source ?? "unset")
        }
    }

    private static func tls(_ reader: Reader) throws(SettingsProblem) -> (certificate: String, key: String)? {
        switch (try reader.optional(.tlsCertificate), try reader.optional(.tlsKey)) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return (certificate, key)
        default: throw SettingsProblem("TLS needs both --tls-certificate and --tls-key.")
        }
    }

    private static func issuer(_ reader: Reader) throws(SettingsProblem) -> IssuerURL? {
        guard let text = try reader.optional(.issuer) else { return nil }
        guard let issuer = IssuerURL(text) else {
            throw SettingsProblem(IssuerURL.demand)
        }
        return issuer
    }

    /// Tokens and passwords must not cross a network in the clear by accident.
    private static func checkExposure(_ reader: Reader, host: String, hasTLS: Bool, hasProxy: Bool) throws(SettingsProblem) {
        let isInsecureAllowed = try reader.flag(.httpInsecure)
        guard !hasTLS, !hasProxy, !isInsecureAllowed, !IssuerURL.isLoopback(host) else { return }
        throw SettingsProblem(
            "Plain HTTP on \(host) would send passwords and tokens in the clear; give --tls-certificate and --tls-key, name the proxy that "
                + "does TLS with --trusted-proxy, or allow it with --insecure-http."
        )
    }

    private static func warnings(_ server: ServerConfiguration, _ issuer: IssuerURL?) -> [String] {
        var warnings: [String] = []
        if server.accessLifetime < .seconds(60) {
            warnings.append("Access tokens live for less than a minute; every client will renew very often.")
        }
        if let issuer, !issuer.isSecure, !issuer.isLoopback {
            warnings.append("The issuer \(issuer.text) is plain http; use https outside of tests.")
        }
        return warnings
    }
}

/// Reads texts as what they stand for.
private struct Reader {
    let sources: SettingsSources

    /// A value that may be missing, but not be empty: an empty variable is a slip, not a wish.
    func optional(_ key: SettingKey) throws(SettingsProblem) -> String? {
        guard let text = sources.value(of: key)?.text else { return nil }
        guard !text.isEmpty else { throw SettingsProblem("\(name(of: key)) must not be empty.") }
        return text
    }

    func text(_ key: SettingKey) throws(SettingsProblem) -> String {
        guard let text = try optional(key) else { throw SettingsProblem("\(name(of: key)) is missing.") }
        return text
    }

    func number(_ key: SettingKey, in range: ClosedRange<Int>) throws(SettingsProblem) -> Int {
        guard let number = Int(try text(key)), range.contains(number) else {
            throw wrong(key, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag(_ key: SettingKey) throws(SettingsProblem) -> Bool {
        guard let flag = Bool(try text(key)) else { throw wrong(key, "true or false") }
        return flag
    }

    func duration(_ key: SettingKey) throws(SettingsProblem) -> Duration {
        guard let duration = DurationText.duration(try text(key)) else {
            throw wrong(key, "a duration such as 90s, 5m, 12h or 30d")
        }
        return duration
    }

    func lifetime(_ key: SettingKey) throws(SettingsProblem) -> Lifetime {
        guard let lifetime = DurationText.lifetime(try text(key)) else {
            throw wrong(key, "a duration such as 12h or 30d, or never")
        }
        return lifetime
    }

    func ranges(_ key: SettingKey) throws(SettingsProblem) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for text in (sources.value(of: key)?.text ?? "").split(separator: ",") {
            guard let range = AddressRange(text.trimmingCharacters(in: .whitespaces)) else {
                throw wrong(key, "addresses such as 10.0.0.0/8 or ::1")
            }
            ranges.append(range)
        }
        return ranges
    }

    func wrong(_ key: SettingKey, _ expected: String) -> SettingsProblem {
        SettingsProblem("\(name(of: key)) must be \(expected).")
    }

    /// The setting's name where its value came from.
    private func name(of key: SettingKey) -> String {
        switch sources.value(of: key)?.source {
        case "flag": key.flag ?? key.rawValue
        case "environment": key.variable
        default: key.rawValue
        }
    }
}
