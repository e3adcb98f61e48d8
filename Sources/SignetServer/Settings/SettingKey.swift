/// Every setting of `signet serve`: one name, spelled as a flag, as an environment variable and in the YAML file.
package enum SettingKey: String, CaseIterable, Sendable {
    case httpHost = "http.host"
    case httpPort = "http.port"
    case httpInsecure = "http.insecure"
    case httpTrustedProxies = "http.trustedProxies"
    case tlsCertificate = "tls.certificate"
    case tlsKey = "tls.key"
    case database
    case keyFile
    case issuer
    case accessLifetime
    case idleLifetime
    case absoluteLifetime
    case window
    case keysCacheTime = "keys.cacheTime"
    case keysRotateEvery = "keys.rotateEvery"
    case deadSessions
    case devicesOrigin = "devices.origin"
    case feedPublic = "feed.public"
    case passwordMinimumLength = "password.minimumLength"
    case passwordThreads = "password.threads"
    case passwordQueue = "password.queue"
    case passwordMemory = "password.memory"
    case passwordPasses = "password.passes"
    case logLevel = "log.level"

    /// What holds when nobody says anything.
    var defaultText: String? {
        switch self {
        case .httpHost: "127.0.0.1"
        case .httpPort: "8080"
        case .httpInsecure, .feedPublic: "false"
        case .database: "signet.db"
        case .accessLifetime: "5m"
        case .idleLifetime: "30d"
        case .absoluteLifetime: "365d"
        case .window: "60s"
        case .keysCacheTime: "5m"
        case .keysRotateEvery: "90d"
        case .deadSessions: "7d"
        case .devicesOrigin: "network"
        case .passwordMinimumLength: "15"
        case .passwordThreads: "2"
        case .passwordQueue: "64"
        case .passwordMemory: "19456"
        case .passwordPasses: "2"
        case .logLevel: "info"
        case .httpTrustedProxies, .tlsCertificate, .tlsKey, .keyFile, .issuer: nil
        }
    }

    /// The flag that sets it; those without one are set in the environment or the file.
    package var flag: String? {
        switch self {
        case .httpHost: "--host"
        case .httpPort: "--port"
        case .httpInsecure: "--insecure-http"
        case .httpTrustedProxies: "--trusted-proxy"
        case .feedPublic: "--public-revocation-feed"
        case .tlsCertificate: "--tls-certificate"
        case .tlsKey: "--tls-key"
        case .database: "--database"
        case .keyFile: "--key-file"
        case .issuer: "--issuer"
        case .accessLifetime: "--access-lifetime"
        case .idleLifetime: "--idle-lifetime"
        case .absoluteLifetime: "--absolute-lifetime"
        case .window: "--window"
        case .logLevel: "--log-level"
        case .keysCacheTime, .keysRotateEvery, .deadSessions, .devicesOrigin, .passwordMinimumLength, .passwordThreads,
            .passwordQueue, .passwordMemory, .passwordPasses:
            nil
        }
    }

    /// The environment variable: `SIGNET_HTTP_PORT` for `http.port`.
    package var variable: String {
        let spread = rawValue.reduce(into: "") { name, character in
            if character.isUppercase { name.append("_") }
            name.append(character == "." ? "_" : Character(character.uppercased()))
        }
        return "SIGNET_" + spread
    }
}
