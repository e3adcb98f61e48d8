package import SignetTokens

/// What a server is founded with and keeps in its database: its name, its salt, and its sealed keys.
package struct ServerFoundation: Sendable {
    /// The issuer: the server's name in every token.
    package let issuer: String
    /// The salt that never leaves the database.
    package let salt: Secret<[UInt8]>
    /// Signing keys in the order in which they were made.
    package let signingKeys: [SealedSigningKey]
    /// Refresh keys in the order of their versions.
    package let refreshKeys: [SealedRefreshKey]

    package init(issuer: String, salt: Secret<[UInt8]>, signingKeys: [SealedSigningKey], refreshKeys: [SealedRefreshKey]) {
        self.issuer = issuer
        self.salt = salt
        self.signingKeys = signingKeys
        self.refreshKeys = refreshKeys
    }
}

/// What a key of the ring is for at present.
package enum KeyState: String, CaseIterable, Sendable {
    /// It signs, or makes new refresh tokens.
    case active
    /// Published, so that everyone has it when it becomes active.
    case standby
}

/// A signing key as the database has it.
package struct SealedSigningKey: Sendable {
    /// The `kid`: the public key's thumbprint.
    package let keyID: String
    package let algorithm: SignatureAlgorithm
    /// The public JWK, as JSON.
    package let publicKey: [UInt8]
    /// The private octets, sealed.
    package let sealed: [UInt8]
    /// The master key that seals it.
    package let masterKeyID: String
    package let state: KeyState
    package let createdAt: UnixTime

    package init(
        keyID: String, algorithm: SignatureAlgorithm, publicKey: [UInt8], sealed: [UInt8], masterKeyID: String, state: KeyState,
        createdAt: UnixTime
    ) {
        self.keyID = keyID
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.sealed = sealed
        self.masterKeyID = masterKeyID
        self.state = state
        self.createdAt = createdAt
    }
}

/// A refresh key as the database has it.
package struct SealedRefreshKey: Sendable {
    package let version: UInt8
    package let sealed: [UInt8]
    package let masterKeyID: String
    package let state: KeyState
    package let createdAt: UnixTime

    package init(version: UInt8, sealed: [UInt8], masterKeyID: String, state: KeyState, createdAt: UnixTime) {
        self.version = version
        self.sealed = sealed
        self.masterKeyID = masterKeyID
        self.state = state
        self.createdAt = createdAt
    }
}
