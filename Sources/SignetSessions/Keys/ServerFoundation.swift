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
    /// How often the keys were changed: whoever holds them knows by it that they are no longer what they were.
    package let revision: Int64

    package init(
        issuer: String, salt: Secret<[UInt8]>, signingKeys: [SealedSigningKey], refreshKeys: [SealedRefreshKey],
        revision: Int64 = 1
    ) {
        self.issuer = issuer
        self.salt = salt
        self.signingKeys = signingKeys
        self.refreshKeys = refreshKeys
        self.revision = revision
    }

    /// Whether every key is sealed under this master key.
    func isSealed(under masterKeyID: String) -> Bool {
        signingKeys.allSatisfy { $0.masterKeyID == masterKeyID } && refreshKeys.allSatisfy { $0.masterKeyID == masterKeyID }
    }
}
