package import SignetTokens

/// A signing key as the database has it: what it is, sealed, and the moments from which its state follows (``SigningKeyState``).
package struct SealedSigningKey: Sendable {
    /// The `kid`: the public key's thumbprint.
    package let keyID: String
    package let algorithm: SignatureAlgorithm
    /// The public JWK, as JSON.
    package let publicKey: [UInt8]
    /// The private octets, sealed.
    package var sealed: [UInt8]
    /// The master key that seals it.
    package var masterKeyID: String
    /// When it was made; it is published from then on.
    package let createdAt: UnixTime
    /// When it begins to sign; `nil` for the standby, whose turn has not come.
    package var activatesAt: UnixTime?
    /// When it was revoked, if it was.
    package var revokedAt: UnixTime?

    package init(
        keyID: String, algorithm: SignatureAlgorithm, publicKey: [UInt8], sealed: [UInt8], masterKeyID: String,
        createdAt: UnixTime, activatesAt: UnixTime?, revokedAt: UnixTime? = nil
    ) {
        self.keyID = keyID
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.sealed = sealed
        self.masterKeyID = masterKeyID
        self.createdAt = createdAt
        self.activatesAt = activatesAt
        self.revokedAt = revokedAt
    }

    /// What the seal is good for, so that no sealed key can stand in another's place.
    package static func purpose(_ keyID: String) -> String { "signet signing key \(keyID)" }
}
