/// The claims of an access token (RFC 9068, section 2.2): who calls, through which client, for which API and how much of it.
public struct AccessToken: Hashable, Sendable {
    /// `iss`: the server that signed it.
    public var issuer: String
    /// `sub`: a user's id, or the client's own where it acts for itself. With the issuer, the only thing to know people by.
    public var subject: String
    /// `aud`: the APIs that it is for.
    public var audience: [String]
    /// `client_id`.
    public var clientID: String
    /// `iat`.
    public var issuedAt: UnixTime
    /// `exp`.
    public var expiresAt: UnixTime
    /// `jti`: this token's own id.
    public var tokenID: String
    /// `sid`: the session it belongs to; a client that acts for itself has none.
    public var sessionID: SessionID?
    /// `scope`.
    public var scope: Scope
    /// `auth_time`: when the user signed in. It does not move when the token is renewed.
    public var authenticatedAt: UnixTime?
    /// `amr`: how the user signed in (RFC 8176).
    public var authenticationMethods: [String]
    /// `roles` of the user (RFC 9068, section 2.2.3.1).
    public var roles: [String]

    /// The user's id, when the subject is a user.
    public var userID: UserID? { UserID(subject) }

    /// A token with each of its claims; `issuedAt` and `expiresAt` are written in whole seconds.
    public init(
        issuer: String, subject: String, audience: [String], clientID: String, issuedAt: UnixTime, expiresAt: UnixTime,
        tokenID: String,
        sessionID: SessionID? = nil, scope: Scope = .none, authenticatedAt: UnixTime? = nil, authenticationMethods: [String] = [],
        roles: [String] = []
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.clientID = clientID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tokenID = tokenID
        self.sessionID = sessionID
        self.scope = scope
        self.authenticatedAt = authenticatedAt
        self.authenticationMethods = authenticationMethods
        self.roles = roles
    }

    /// The token, signed: `typ` `at+jwt`, `kid` the key's thumbprint (RFC 9068, section 2.1).
    /// - Throws: what the cryptographic library throws.
    public func signed(with key: SigningKey) throws -> Secret<String> {
        try CompactJWS.sign(claims, type: Self.type, with: key)
    }

    static let type = "at+jwt"

    /// The claims as JSON; what is not known is left out.
    public var claims: JSONObject {
        var claims = JSONObject()
        claims["iss"] = .string(issuer)
        claims["sub"] = .string(subject)
        // One audience is written as a string: libraries exist that cannot read an array of one (RFC 7519, section 4.1.3).
        claims["aud"] = audience.count == 1 ? .string(audience[0]) : .array(audience.map(JSONValue.string))
        claims["client_id"] = .string(clientID)
        claims["iat"] = .integer(issuedAt.seconds)
        claims["exp"] = .integer(expiresAt.seconds)
        claims["jti"] = .string(tokenID)
        claims["sid"] = sessionID.map { .string($0.description) }
        claims["scope"] = .string(scope.description)
        claims["auth_time"] = authenticatedAt.map { .integer($0.seconds) }
        claims["amr"] = authenticationMethods.isEmpty ? nil : .array(authenticationMethods.map(JSONValue.string))
        claims["roles"] = roles.isEmpty ? nil : .array(roles.map(JSONValue.string))
        return claims
    }
}
