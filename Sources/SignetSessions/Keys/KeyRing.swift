package import SignetTokens

/// The server's keys, opened and in memory; read anew when a token names a key that is not there.
package actor KeyRing {
    /// The keys at one moment.
    package struct Snapshot: Sendable {
        /// The server's name.
        package let issuer: String
        /// Signs access tokens now.
        package let signingKey: SigningKey
        /// What the JWKS shows: every key whose tokens are good, and the next one.
        package let published: KeySet
        /// Every public key there ever was, for the access token that is sent along with a renewal.
        package let everKnown: KeySet
        /// Makes refresh tokens now.
        package let refreshKey: RefreshKey
        /// Every refresh key, by version.
        package let refreshKeys: [UInt8: RefreshKey]
        /// What successors are salted with.
        package let salt: DatabaseSalt

        /// Whether one of our keys made this refresh token.
        package func isGenuine(_ token: RefreshToken) -> Bool {
            refreshKeys[token.keyVersion].map(token.isGenuine(under:)) ?? false
        }
    }

    private let store: any SessionStore
    private let keyFile: MasterKeyFile
    private let clock: any WallClock
    private var snapshot: Snapshot
    private var triedAt: UnixTime
    private var failure: (any Error)?
    private var loading: Task<Snapshot, any Error>?

    /// A ring that holds what the server was founded with.
    /// - Throws: ``MasterKeyFileProblem`` when the keys were sealed under a master key that is not in the file.
    package init(
        _ foundation: ServerFoundation, masterKeys: [MasterKey], keyFile: MasterKeyFile, store: any SessionStore,
        clock: any WallClock
    ) throws {
        self.store = store
        self.keyFile = keyFile
        self.clock = clock
        snapshot = try Snapshot(foundation, masterKeys: masterKeys, keyFile: keyFile)
        triedAt = clock.now
    }

    /// The keys as they are known.
    package func current() -> Snapshot {
        snapshot
    }

    /// The keys, read anew when this version is not among them: another process may have made it. One reading at a time, at most one a second.
    /// - Throws: a fault when they cannot be read, for then nobody knows whether the token is good.
    package func holding(refreshKey version: UInt8) async throws -> Snapshot {
        if snapshot.refreshKeys[version] != nil { return snapshot }
        if let loading { return try await loading.value }
        guard clock.now >= triedAt.advanced(by: .seconds(1)) || clock.now < triedAt else {
            // Whoever could not look must not say no.
            if let failure { throw failure }
            return snapshot
        }
        let task = Task {
            defer { loading = nil }
            return try await reload()
        }
        loading = task
        return try await task.value
    }

    private func reload() async throws -> Snapshot {
        triedAt = clock.now
        do {
            guard let foundation = try await store.foundation() else { throw FoundationMissing() }
            snapshot = try Snapshot(foundation, masterKeys: keyFile.read(), keyFile: keyFile)
            failure = nil
        } catch {
            failure = error
            throw error
        }
        return snapshot
    }
}

/// The database no longer knows its server: it was replaced or emptied while the server ran.
package struct FoundationMissing: Error {}

extension KeyRing.Snapshot {
    fileprivate init(_ foundation: ServerFoundation, masterKeys: [MasterKey], keyFile: MasterKeyFile) throws {
        func open(_ sealed: [UInt8], _ masterKeyID: String, for purpose: String) throws -> Secret<[UInt8]> {
            guard let key = masterKeys.first(where: { $0.id == masterKeyID }), let opened = try? key.open(sealed, for: purpose)
            else {
                throw MasterKeyFileProblem.otherKey(keyFile.path)
            }
            return opened
        }

        let publicKeys = foundation.signingKeys.compactMap { sealed in
            (try? JSONValue(parsing: sealed.publicKey))?.object.flatMap(PublicKey.init(jwk:))
        }
        var signingKey: SigningKey?
        if let sealed = foundation.signingKeys.first(where: { $0.state == .active }) {
            let secret = try open(sealed.sealed, sealed.masterKeyID, for: SealedSigningKey.purpose(sealed.keyID))
            signingKey = SigningKey(sealed.algorithm, secretBytes: secret)
        }
        var refreshKeys: [UInt8: RefreshKey] = [:]
        for sealed in foundation.refreshKeys {
            let material = try open(sealed.sealed, sealed.masterKeyID, for: SealedRefreshKey.purpose(sealed.version))
            refreshKeys[sealed.version] = RefreshKey(version: sealed.version, material: material)
        }
        let activeVersion = foundation.refreshKeys.first { $0.state == .active }?.version
        guard let signingKey, let refreshKey = activeVersion.flatMap({ refreshKeys[$0] }) else { throw FoundationMissing() }
        self.init(
            issuer: foundation.issuer, signingKey: signingKey, published: KeySet(publicKeys), everKnown: KeySet(publicKeys),
            refreshKey: refreshKey, refreshKeys: refreshKeys, salt: DatabaseSalt(foundation.salt)
        )
    }
}
