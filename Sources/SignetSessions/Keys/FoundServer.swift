import Crypto
package import SignetTokens

/// The first start: makes the keys, seals them, and founds the server in its database.
package struct FoundServer: Sendable {
    private let store: any SessionStore
    private let keyFile: MasterKeyFile
    private let clock: any WallClock
    private let randomBytes: RandomBytes

    package init(store: any SessionStore, keyFile: MasterKeyFile, clock: any WallClock, randomBytes: @escaping RandomBytes) {
        self.store = store
        self.keyFile = keyFile
        self.clock = clock
        self.randomBytes = randomBytes
    }

    /// Founds the server if its database is new, and says what it is founded with and what opens it.
    /// - Throws: ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(issuer: String) async throws -> (ServerFoundation, [MasterKey]) {
        if let foundation = try await store.foundation() { return (foundation, try keyFile.read()) }

        // The key file first: a database whose keys nobody can open must never come to be.
        try keyFile.createIfMissing(randomBytes)
        let masterKeys = try keyFile.read()
        guard let masterKey = masterKeys.first else { throw MasterKeyFileProblem.damaged(keyFile.path) }
        let now = clock.now
        let draft = ServerFoundation(
            issuer: issuer, salt: Secret(randomBytes(32)),
            signingKeys: [try signingKey(.active, masterKey, now), try signingKey(.standby, masterKey, now)],
            refreshKeys: [try refreshKey(1, .active, masterKey, now), try refreshKey(2, .standby, masterKey, now)]
        )
        try await store.found(draft, clients: Client.builtIn(createdAt: now), roles: [.admin])
        // Another process may have been first; what is in the database is what counts.
        return (try await store.foundation() ?? draft, masterKeys)
    }

    private func signingKey(_ state: KeyState, _ masterKey: MasterKey, _ now: UnixTime) throws -> SealedSigningKey {
        let key = SigningKey(es256: P256.Signing.PrivateKey())
        return SealedSigningKey(
            keyID: key.publicKey.keyID, algorithm: key.publicKey.algorithm, publicKey: JSONValue.object(key.publicKey.jwk).bytes,
            sealed: try masterKey.seal(key.secretBytes, for: SealedSigningKey.purpose(key.publicKey.keyID)),
            masterKeyID: masterKey.id,
            state: state, createdAt: now
        )
    }

    private func refreshKey(
        _ version: UInt8, _ state: KeyState, _ masterKey: MasterKey, _ now: UnixTime
    ) throws -> SealedRefreshKey {
        SealedRefreshKey(
            version: version, sealed: try masterKey.seal(Secret(randomBytes(32)), for: SealedRefreshKey.purpose(version)),
            masterKeyID: masterKey.id, state: state, createdAt: now
        )
    }
}

extension SealedSigningKey {
    static func purpose(_ keyID: String) -> String { "signet signing key \(keyID)" }
}

extension SealedRefreshKey {
    static func purpose(_ version: UInt8) -> String { "signet refresh key \(version)" }
}
