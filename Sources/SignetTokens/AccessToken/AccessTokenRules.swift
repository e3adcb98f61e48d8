/// What makes an access token good for one API: RFC 9068 section 4, on top of RFC 8725. Pure: keys and the present moment are parameters.
public struct AccessTokenRules: Hashable, Sendable {
    /// The longest lifetime that any Signet gives an access token.
    public static let longestLifetime: Duration = .seconds(3600)
    /// The largest leeway that may be asked for.
    public static let largestLeeway: Duration = .seconds(300)

    /// The one issuer whose tokens are accepted, byte for byte.
    public let issuer: String
    /// The API's identifiers; a token must name one of them.
    public let audiences: [String]
    /// How far the clocks of issuer and API may be apart; at most 300 s.
    public let leeway: Duration

    /// Rules for one API. Leeway is held within 0 to 300 s.
    ///
    /// - Parameter audiences: at least one; without any, no token is accepted (RFC 8725, section 3.9).
    public init(issuer: String, audiences: [String], leeway: Duration = .seconds(30)) {
        self.issuer = issuer
        self.audiences = audiences
        self.leeway = min(max(leeway, .zero), Self.largestLeeway)
    }

    /// Verifies a token in the order of its trust: form, algorithm, key and signature, then kind, issuer, audience, lifetime, binding.
    /// - Throws: ``TokenError``; `expired` only for a token that is good in all else.
    public func verify(_ token: Secret<String>, with keys: KeySet, now: UnixTime) throws(TokenError) -> VerifiedAccessToken {
        let (verified, claims) = try genuine(token, with: keys)
        guard verified.token.audience.contains(where: { named in audiences.contains { $0.hasSameBytes(as: named) } }) else {
            throw .wrongAudience
        }
        guard claims["cnf"] == nil else { throw .proofRequired }
        let latestStart = now.advanced(by: leeway)
        if let notBefore = claims["nbf"] {
            guard let notBefore = Self.moment(notBefore) else { throw .malformed }
            guard notBefore <= latestStart else { throw .notYetValid }
        }
        guard verified.token.issuedAt <= latestStart else { throw .notYetValid }
        guard now < verified.token.expiresAt.advanced(by: leeway) else { throw .expired }
        return verified
    }

    /// Verifies only that the issuer made this access token, whoever it is for and however old it is: what a renewal asks of the
    /// token that is sent along with it.
    /// - Throws: ``TokenError``.
    public func verifyOrigin(_ token: Secret<String>, with keys: KeySet) throws(TokenError) -> AccessToken {
        try genuine(token, with: keys).0.token
    }

    private func genuine(_ token: Secret<String>, with keys: KeySet) throws(TokenError) -> (VerifiedAccessToken, JSONObject) {
        let jws = try token.reveal { token throws(TokenError) in try CompactJWS(parsing: token.utf8) }
        let key = try jws.verify(with: keys)
        guard jws.isOfType(AccessToken.type) else { throw .wrongType }
        guard let claims = (try? JSONValue(parsing: jws.payload))?.object, let token = AccessToken(claims: claims) else {
            throw .malformed
        }
        guard token.issuer.hasSameBytes(as: issuer) else { throw .wrongIssuer }
        guard token.issuedAt.duration(to: token.expiresAt) <= Self.longestLifetime else { throw .lifetimeTooLong }
        return (VerifiedAccessToken(token: token, keyID: key.keyID), claims)
    }

    /// A NumericDate (RFC 7519, section 2): not negative, at most 2^53, fractions accepted, strings not.
    fileprivate static func moment(_ value: JSONValue) -> UnixTime? {
        let limit: Int64 = 1 << 53
        switch value {
        case .integer(let seconds) where (0...limit).contains(seconds): return UnixTime(seconds: seconds)
        case .number(let seconds) where seconds >= 0 && seconds <= Double(limit):
            // Split before it is multiplied: no product of these can overflow.
            let whole = seconds.rounded(.down)
            return UnixTime(seconds: Int64(whole)).advanced(by: .milliseconds(Int64((seconds - whole) * 1000)))
        default: return nil
        }
    }
}

/// An access token whose signature, issuer, audience and lifetime were verified.
public struct VerifiedAccessToken: Hashable, Sendable {
    /// Its claims.
    public let token: AccessToken
    /// The `kid` of the key that verified it.
    public let keyID: String
}

extension AccessToken {
    /// Reads the claims; `nil` when one that is required is missing, or one is of the wrong type (RFC 9068, section 2.2).
    public init?(claims: JSONObject) {
        func strings(_ name: String) -> [String]? {
            guard let value = claims[name] else { return [] }
            return value.strings
        }

        let audience = claims["aud"].flatMap { $0.string.map { [$0] } ?? $0.strings }
        guard let issuer = claims["iss"]?.string, let subject = claims["sub"]?.string, let audience, !audience.isEmpty,
            let clientID = claims["client_id"]?.string, let tokenID = claims["jti"]?.string, !subject.isEmpty, !tokenID.isEmpty,
            let issuedAt = claims["iat"].flatMap(AccessTokenRules.moment),
            let expiresAt = claims["exp"].flatMap(AccessTokenRules.moment),
            let methods = strings("amr"), let roles = strings("roles")
        else { return nil }

        var scope = Scope.none
        if let value = claims["scope"] {
            guard let granted = value.string.flatMap(Scope.init) else { return nil }
            scope = granted
        }
        var session: SessionID?
        if let value = claims["sid"] {
            guard let id = value.string.flatMap({ SessionID($0) }) else { return nil }
            session = id
        }
        var authenticatedAt: UnixTime?
        if let value = claims["auth_time"] {
            guard let moment = AccessTokenRules.moment(value) else { return nil }
            authenticatedAt = moment
        }
        self.init(
            issuer: issuer, subject: subject, audience: audience, clientID: clientID, issuedAt: issuedAt, expiresAt: expiresAt,
            tokenID: tokenID, sessionID: session, scope: scope, authenticatedAt: authenticatedAt, authenticationMethods: methods,
            roles: roles
        )
    }
}
