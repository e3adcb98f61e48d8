import SignetTokens

/// The keys of the database, opened with the master key; what each is for at a moment, the snapshot says.
struct OpenedKeys: Sendable {
    let foundation: ServerFoundation
    private let publicKeys: [String: PublicKey]
    private let signingKeys: [String: SigningKey]
    private let refreshKeys: [UInt8: RefreshKey]

    /// - Throws: ``MasterKeyFileProblem`` when the keys were sealed under a master key that is not among these.
    init(_ foundation: ServerFoundation, masterKeys: [MasterKey], keyFile: MasterKeyFile) throws(MasterKeyFileProblem) {
        func open(_ sealed: [UInt8], _ masterKeyID: String, for purpose: String) throws(MasterKeyFileProblem) -> Secret<[UInt8]> {
            guard let key = masterKeys.first(where: { $0.id == masterKeyID }), let opened = try? key.open(sealed, for: purpose)
            else { throw .otherKey(keyFile.path) }
            return opened
        }

        self.foundation = foundation
        var publicKeys: [String: PublicKey] = [:]
        var signingKeys: [String: SigningKey] = [:]
        for sealed in foundation.signingKeys {
            publicKeys[sealed.keyID] = (try? JSONValue(parsing: sealed.publicKey))?.object.flatMap(PublicKey.init(jwk:))
            let secret = try open(sealed.sealed, sealed.masterKeyID, for: SealedSigningKey.purpose(sealed.keyID))
            signingKeys[sealed.keyID] = SigningKey(sealed.algorithm, secretBytes: secret)
        }
        var refreshKeys: [UInt8: RefreshKey] = [:]
        for sealed in foundation.refreshKeys {
            let material = try open(sealed.sealed, sealed.masterKeyID, for: SealedRefreshKey.purpose(sealed.version))
            if sealed.revokedAt == nil { refreshKeys[sealed.version] = RefreshKey(version: sealed.version, material: material) }
        }
        self.publicKeys = publicKeys
        self.signingKeys = signingKeys
        self.refreshKeys = refreshKeys
    }

    /// What the keys are for at a moment.
    /// - Throws: ``FoundationMissing`` when none of them signs or makes refresh tokens then.
    func snapshot(at now: UnixTime) throws(FoundationMissing) -> KeyRing.Snapshot {
        let rows = foundation.signingKeys
        guard let signingKey = rows.active(at: now).flatMap({ signingKeys[$0.keyID] }),
            let refreshKey = foundation.refreshKeys.active.flatMap({ refreshKeys[$0.version] })
        else { throw FoundationMissing() }
        let states = rows.map { (key: publicKeys[$0.keyID], state: rows.state(of: $0, at: now)) }
        return KeyRing.Snapshot(
            issuer: foundation.issuer, signingKey: signingKey,
            published: KeySet(states.filter(\.state.isPublished).compactMap(\.key)),
            everKnown: KeySet(states.filter { $0.state != .revoked }.compactMap(\.key)), refreshKey: refreshKey,
            refreshKeys: refreshKeys, salt: DatabaseSalt(foundation.salt)
        )
    }
}

/// The database no longer knows its server: it was replaced or emptied while the server ran.
package struct FoundationMissing: Error {}
