package import SignetTokens

/// All that opens a session, made before the transaction that does it.
package struct SessionOpening: Sendable {
    package let sessionID: SessionID
    package let userID: UserID
    /// The hash that the password was verified against: the store refuses when it is no longer the user's.
    package let verifiedHash: PasswordHash
    package let clientID: ClientID
    /// Whether that client has proved who it is, as a client with a secret must.
    package let isClientAuthenticated: Bool
    /// What was asked for; `nil` is the client's default.
    package let scope: Scope?
    /// The API that was asked for; `nil` is the client's default.
    package let resource: String?
    package let deviceName: DeviceName?
    package let authenticationMethods: [String]
    /// Hash of the first refresh token, and the version of the key that made it.
    package let firstToken: TokenHash
    package let keyVersion: UInt8
    /// The session that the same device still had; it ends as this one opens.
    package let replaces: SessionID?
    package let issuer: String
    package let defaults: PolicyDefaults
    package let origin: Origin
    /// What the session keeps of it.
    package let keptOrigin: Origin
    package let deadline: RequestDeadline

    package init(
        sessionID: SessionID, userID: UserID, verifiedHash: PasswordHash, clientID: ClientID, isClientAuthenticated: Bool,
        scope: Scope? = nil,
        resource: String? = nil,
        deviceName: DeviceName? = nil, authenticationMethods: [String], firstToken: TokenHash, keyVersion: UInt8,
        replaces: SessionID? = nil,
        issuer: String, defaults: PolicyDefaults, origin: Origin, keptOrigin: Origin, deadline: RequestDeadline
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.verifiedHash = verifiedHash
        self.clientID = clientID
        self.isClientAuthenticated = isClientAuthenticated
        self.scope = scope
        self.resource = resource
        self.deviceName = deviceName
        self.authenticationMethods = authenticationMethods
        self.firstToken = firstToken
        self.keyVersion = keyVersion
        self.replaces = replaces
        self.issuer = issuer
        self.defaults = defaults
        self.origin = origin
        self.keptOrigin = keptOrigin
        self.deadline = deadline
    }
}
