import Crypto
package import SignetTokens

/// Makes new keys, and seals them under a master key as they go into the database.
package struct SealKeys: Sendable {
    private let masterKey: MasterKey
    private let randomBytes: RandomBytes

    package init(under masterKey: MasterKey, randomBytes: @escaping RandomBytes) {
        self.masterKey = masterKey
        self.randomBytes = randomBytes
    }

    /// A new ES256 key, whose id can be written as an argument of a command.
    package func newSigningKey(at now: UnixTime, activatesAt: UnixTime? = nil) throws -> SealedSigningKey {
        var key = SigningKey(es256: P256.Signing.PrivateKey())
        // One thumbprint in 64 begins so, and `signet key retire` would read it as flags, in the hour in which it must not fail.
        while key.publicKey.keyID.hasPrefix("-") { key = SigningKey(es256: P256.Signing.PrivateKey()) }
        return SealedSigningKey(
            keyID: key.publicKey.keyID, algorithm: key.publicKey.algorithm, publicKey: JSONValue.object(key.publicKey.jwk).bytes,
            sealed: try masterKey.seal(key.secretBytes, for: SealedSigningKey.purpose(key.publicKey.keyID)),
            masterKeyID: masterKey.id, createdAt: now, activatesAt: activatesAt
        )
    }

    /// A new refresh key of 32 random bytes.
    package func newRefreshKey(_ version: UInt8, at now: UnixTime, activatesAt: UnixTime? = nil) throws -> SealedRefreshKey {
        SealedRefreshKey(
            version: version, sealed: try masterKey.seal(Secret(randomBytes(32)), for: SealedRefreshKey.purpose(version)),
            masterKeyID: masterKey.id, createdAt: now, activatesAt: activatesAt
        )
    }

    /// The same key, sealed under this master key instead of the one that opens it.
    package func resealed(_ key: SealedSigningKey, openedBy old: MasterKey) throws -> SealedSigningKey {
        var key = key
        let purpose = SealedSigningKey.purpose(key.keyID)
        key.sealed = try masterKey.seal(old.open(key.sealed, for: purpose), for: purpose)
        key.masterKeyID = masterKey.id
        return key
    }

    /// The same key, sealed under this master key instead of the one that opens it.
    package func resealed(_ key: SealedRefreshKey, openedBy old: MasterKey) throws -> SealedRefreshKey {
        var key = key
        let purpose = SealedRefreshKey.purpose(key.version)
        key.sealed = try masterKey.seal(old.open(key.sealed, for: purpose), for: purpose)
        key.masterKeyID = masterKey.id
        return key
    }
}
