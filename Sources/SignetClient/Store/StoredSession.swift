public import SignetTokens

/// A signed-in device's session as it is stored: both tokens, and what is needed to use and renew them.
public struct StoredSession: Sendable {
    /// The URL of the server that opened it, without a slash at its end; its refresh token goes nowhere else.
    public let server: String
    /// The client it was opened with.
    public let clientID: ClientID
    /// Who is signed in.
    public let userID: UserID
    /// The session.
    public let sessionID: SessionID
    /// What the person calls this device.
    public let deviceName: String?
    /// The key that both tokens are bound to, as its ``ProofKeys`` find it again; `nil` when whoever has the tokens may use them.
    public let proofKey: Secret<[UInt8]>?

    /// Goes with every call.
    public var accessToken: Secret<String>
    /// What the access token was granted.
    public var scope: Scope
    /// When the access token arrived, by the server's clock.
    public var receivedAt: UnixTime
    /// How long the access token lives, from its arrival.
    public var lifetime: Duration
    /// How far the server's clock was ahead of the device's when the token arrived.
    public var clockOffset: Duration

    /// Buys the next access token, and only that.
    public var refreshToken: Secret<String>
    /// The idempotency key of the refresh token, once its renewal was begun: written before the first request leaves, and used for
    /// every later one by whichever process makes it.
    public var idempotencyKey: IdempotencyKey?

    /// A session with each of its parts.
    public init(
        server: String, clientID: ClientID, userID: UserID, sessionID: SessionID, deviceName: String?,
        accessToken: Secret<String>, scope: Scope, receivedAt: UnixTime, lifetime: Duration, clockOffset: Duration,
        refreshToken: Secret<String>, idempotencyKey: IdempotencyKey? = nil, proofKey: Secret<[UInt8]>? = nil
    ) {
        self.server = server
        self.clientID = clientID
        self.userID = userID
        self.sessionID = sessionID
        self.deviceName = deviceName
        self.accessToken = accessToken
        self.scope = scope
        self.receivedAt = receivedAt
        self.lifetime = lifetime
        self.clockOffset = clockOffset
        self.refreshToken = refreshToken
        self.idempotencyKey = idempotencyKey
        self.proofKey = proofKey
    }

    /// How its access token is sent.
    var scheme: TokenScheme { proofKey == nil ? .bearer : .dpop }
}

extension Secret<String> {
    /// Whether two secrets are the same, in a time that depends on their length alone.
    func isSame(as other: Secret<String>) -> Bool {
        reveal { left in other.reveal { right in constantTimeEqual(Array(left.utf8), Array(right.utf8)) } }
    }
}
