public import SignetTokens

extension Identifier where Kind == UserKind {
    /// The user of most tests.
    public static var ada: UserID { .random(seededRandomBytes(0xADA)) }
    /// Somebody else.
    public static var grace: UserID { .random(seededRandomBytes(0x64ACE)) }
}

extension Identifier where Kind == SessionKind {
    /// Ada's session on her laptop.
    public static var laptop: SessionID { .timeOrdered(at: .sometime, seededRandomBytes(0x1A9)) }
    /// Another session.
    public static var phone: SessionID { .timeOrdered(at: .sometime, seededRandomBytes(0x940E)) }
}

extension UnixTime {
    /// The moment at which tests begin, and a ``ManualClock`` starts: 2023-11-14T22:13:20Z.
    public static let sometime = UnixTime(seconds: 1_700_000_000)
}

extension RefreshKey {
    /// The refresh key of a version: the same in every test.
    public static func seeded(version: UInt8 = 1, _ seed: UInt64 = 0) -> RefreshKey {
        var generator = SplitMix64(seed: 0x5EED ^ seed << 8 ^ UInt64(version))
        return RefreshKey(version: version, material: Secret(generator.bytes(32)))
    }
}

extension DatabaseSalt {
    /// A database's salt: the same for a seed.
    public static func seeded(_ seed: UInt64 = 0) -> DatabaseSalt {
        var generator = SplitMix64(seed: 0x5A17 ^ seed)
        return DatabaseSalt(Secret(generator.bytes(32)))
    }
}

extension IdempotencyKey {
    /// A key: the same for a seed.
    public static func seeded(_ seed: UInt64) -> IdempotencyKey {
        .random(seededRandomBytes(seed))
    }
}

extension SigningKey {
    /// A signing key, ES256 or EdDSA: the same for a seed.
    public static func seeded(_ seed: UInt64 = 1, _ algorithm: SignatureAlgorithm = .es256) -> SigningKey {
        precondition(algorithm != .rs256, "Signet does not sign with RS256")
        var generator = SplitMix64(seed: seed)
        // All but one in 2^32 numbers are a key at once.
        while true {
            if let key = SigningKey(algorithm, secretBytes: Secret(generator.bytes(32))) { return key }
        }
    }
}

extension KeySet {
    /// The public halves of these signing keys, by default of ``SigningKey/seeded(_:_:)``.
    public static func of(_ keys: SigningKey...) -> KeySet {
        KeySet((keys.isEmpty ? [.seeded()] : keys).map(\.publicKey))
    }
}

extension AccessToken {
    /// Ada's access token for `https://api.example.com`, five minutes long.
    public static func fresh(at now: UnixTime = .sometime) -> AccessToken {
        AccessToken(
            issuer: "https://id.example.com", subject: UserID.ada.description, audience: ["https://api.example.com"],
            clientID: "signet", issuedAt: now, expiresAt: now.advanced(by: .seconds(300)),
            tokenID: TokenID.random(seededRandomBytes(7)).description, sessionID: .laptop, scope: "account notes:read",
            authenticatedAt: now.advanced(by: .seconds(-3600)), authenticationMethods: ["pwd"]
        )
    }
}

extension AccessTokenRules {
    /// The rules of the API that ``AccessToken/fresh(at:)`` is for.
    public static func example(leeway: Duration = .seconds(30)) -> AccessTokenRules {
        AccessTokenRules(issuer: "https://id.example.com", audiences: ["https://api.example.com"], leeway: leeway)
    }
}
