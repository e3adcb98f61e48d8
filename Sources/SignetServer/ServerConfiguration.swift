package import SignetSessions
public import SignetTokens

/// What a token server needs to know, whether it runs alone or inside another application.
public struct ServerConfiguration: Sendable {
    /// Where the database is; made when it is missing.
    public var database: String
    /// Where the master key is; by default `signet.key` beside the database.
    public var keyFile: String
    /// The server's name in every token, without a slash at its end; `nil` is the name that the database knows.
    public var issuer: String?
    /// The name at the very first start, when nobody gave one.
    package var fallbackIssuer: String?
    /// How long access tokens live, for clients that do not say: 1 second to 1 hour.
    public var accessLifetime: Duration = .seconds(300)
    /// How long a session lives without being renewed, for clients that do not say; `nil` is for ever.
    public var idleLifetime: Duration? = .seconds(30 * 86_400)
    /// How long a session lives at most, for clients that do not say; `nil` is for ever.
    public var absoluteLifetime: Duration? = .seconds(365 * 86_400)
    /// How long after a rotation a client without idempotency keys may repeat it, for clients that do not say.
    public var window: Duration = .seconds(60)
    /// For how long the row of a dead session is kept, at least 2 hours: until then a refusal can tell why the session ended.
    public var deadSessionRetention: Duration = .seconds(7 * 86_400)
    /// How many threads hash passwords; each takes 19 MiB while it does.
    public var passwordThreads = 2
    /// How many passwords may be hashed or wait for it at one time; beyond it the answer is 503.
    public var passwordQueue = 64
    /// Argon2id's memory in KiB and its passes; hashes made with less are strengthened at the next sign-in.
    public var passwordMemory = 19_456
    /// Argon2id's passes over that memory.
    public var passwordPasses = 2
    /// How long verifiers may keep the key set without asking again, 1 second to 1 hour; a new key is published for as long before it signs.
    public var keyCacheTime: Duration = .seconds(300)
    /// How long a signing key and a refresh key are in use before the server rotates them by itself; `nil` is for ever.
    public var keyRotationAge: Duration? = .seconds(90 * 86_400)
    /// Whether everyone may read the revocation feed; otherwise registered resource servers alone.
    public var isRevocationFeedPublic = false
    /// What sessions keep of where their devices are.
    package var originKeeping: OriginKeeping = .network
    /// Whose word about a client's address is believed.
    public var trustedProxies: [AddressRange] = []
    /// How long a request's work is wanted, counted from the moment it was read.
    package var requestPatience: Duration = .seconds(10)
    /// The clock by which lifetimes are counted.
    public var clock: any WallClock = SystemWallClock()
    /// What the revocation feed's heartbeats and its patience go by: unlike the wall's clock it is never set back.
    package var pulse: any Clock<Duration> = ContinuousClock()
    /// What the services that look after keys and rows go by; unlike the wall's clock it is never set back.
    package var housekeeping: any Clock<Duration> = ContinuousClock()
    /// Where secrets come from.
    public var randomBytes: RandomBytes = systemRandomBytes

    /// What is wrong with it, in one sentence; `nil` when it can be served with.
    package var objection: String? {
        guard deadSessionRetention >= SessionLife.shortestRetention else {
            return "Dead sessions must be kept for at least 2h: until then an access token of theirs may be alive."
        }
        return ClientPolicy().resolved(with: policyDefaults).objection
    }

    /// The lifetimes that hold for clients that say nothing else.
    package var policyDefaults: PolicyDefaults {
        PolicyDefaults(
            accessLifetime: accessLifetime, idleLifetime: idleLifetime.map(Lifetime.limited) ?? .never,
            absoluteLifetime: absoluteLifetime.map(Lifetime.limited) ?? .never, window: window
        )
    }

    /// A configuration with defaults for everything but the database's path.
    public init(database: String, keyFile: String? = nil, issuer: String? = nil) {
        self.database = database
        self.keyFile = keyFile ?? Self.keyFile(beside: database)
        self.issuer = issuer
    }

    /// `signet.key` in the folder of a database.
    public static func keyFile(beside database: String) -> String {
        let folder = database.lastIndex(of: "/").map { String(database[...$0]) } ?? ""
        return folder + "signet.key"
    }
}
