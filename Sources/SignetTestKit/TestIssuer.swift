public import SignetTokens

/// An issuer with one signing key, for tests of whoever verifies: it makes good tokens, and any other kind.
public struct TestIssuer: Sendable {
    /// What it calls itself in `iss`.
    public let name: String
    /// The key it signs with; the same for a seed.
    public let key: SigningKey

    /// An issuer whose key follows from a seed.
    public init(_ name: String = "https://id.example.com", seed: UInt64 = 1, algorithm: SignatureAlgorithm = .es256) {
        self.name = name
        var generator = SplitMix64(seed: seed)
        var key: SigningKey?
        // All but one in 2^32 numbers are a key at once.
        while key == nil {
            let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            key = SigningKey(algorithm, secretBytes: Secret(bytes))
        }
        guard let key else { preconditionFailure("The loop ended without a key") }
        self.key = key
    }

    /// The issuer's public key, as a set.
    public var keySet: KeySet { KeySet([key.publicKey]) }

    /// A good access token's claims: for the API `https://api.example.com`, five minutes long.
    public func claims(at now: UnixTime, subject: String = "ada", scope: Scope = .none, tokenID: String = "1") -> AccessToken {
        AccessToken(
            issuer: name, subject: subject, audience: ["https://api.example.com"], clientID: "signet", issuedAt: now,
            expiresAt: now.advanced(by: .seconds(300)), tokenID: tokenID, scope: scope)
    }

    /// A good access token.
    public func token(
        at now: UnixTime, subject: String = "ada", scope: Scope = .none, tokenID: String = "1"
    ) throws -> Secret<String> {
        try claims(at: now, subject: subject, scope: scope, tokenID: tokenID).signed(with: key)
    }

    /// The header of a good access token.
    public var header: JSONObject {
        var header = JSONObject()
        header["alg"] = .string(key.publicKey.algorithm.rawValue)
        header["typ"] = "at+jwt"
        header["kid"] = .string(key.publicKey.keyID)
        return header
    }

    /// Any header over any payload, with a signature that fits.
    public func token(header: [UInt8], payload: [UInt8]) throws -> String {
        let input = Base64URL.encode(header) + [UInt8(ascii: ".")] + Base64URL.encode(payload)
        return String(decoding: input, as: UTF8.self) + "." + Base64URL.string(try key.signature(over: input))
    }
}
