/// A random number that one request carries into the row it changes, by which a server recognises its own commit of unknown outcome.
public struct RequestNonce: Hashable, Sendable {
    /// The 16 octets.
    public let bytes: [UInt8]

    /// A nonce read back from the database; `nil` unless it has 16 octets.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// A new nonce.
    public init(_ randomBytes: RandomBytes) {
        bytes = randomBytes(16)
    }
}

/// What the database knows of a session when one of its refresh tokens is presented: the one row it has for ever.
public struct SessionRow: Hashable, Sendable {
    /// Hash of the refresh token that is good now.
    public var current: TokenHash
    /// Hash of the token before it.
    public var previous: TokenHash?
    /// How often the refresh token was rotated; the generation of `current`.
    public var generation: UInt32
    /// The refresh key's version under which `current` was made; a repeat is computed under the same.
    public var keyVersion: UInt8
    /// When `current` was made.
    public var rotatedAt: UnixTime
    /// Hash of the idempotency key that came with the last rotation, if one did.
    public var rotationKey: IdempotencyKeyHash?
    /// Nonce of the request that rotated last.
    public var rotationNonce: RequestNonce?
    /// The recovery in which the session was last taken forward, if ever.
    public var recoveredIn: RecoveryID?

    /// The client it belongs to.
    public var clientID: ClientID
    /// Everything that was granted at sign-in; a renewal may narrow it for one access token.
    public var scope: Scope
    /// The APIs it was granted for, without those that its client has lost since; a renewal may narrow them for one access token.
    public var resources: [String]

    /// When it was opened.
    public var createdAt: UnixTime
    /// When it was last renewed, to within a minute.
    public var lastRenewedAt: UnixTime
    /// Why it has ended, if it was ended by anyone (lifetimes are for the decision to see).
    public var ending: SessionEnd?

    /// A row with each of its columns.
    public init(
        current: TokenHash, previous: TokenHash? = nil, generation: UInt32 = 0, keyVersion: UInt8, rotatedAt: UnixTime,
        rotationKey: IdempotencyKeyHash? = nil, rotationNonce: RequestNonce? = nil, recoveredIn: RecoveryID? = nil,
        clientID: ClientID, scope: Scope, resources: [String], createdAt: UnixTime, lastRenewedAt: UnixTime,
        ending: SessionEnd? = nil
    ) {
        self.current = current
        self.previous = previous
        self.generation = generation
        self.keyVersion = keyVersion
        self.rotatedAt = rotatedAt
        self.rotationKey = rotationKey
        self.rotationNonce = rotationNonce
        self.recoveredIn = recoveredIn
        self.clientID = clientID
        self.scope = scope
        self.resources = resources
        self.createdAt = createdAt
        self.lastRenewedAt = lastRenewedAt
        self.ending = ending
    }
}
