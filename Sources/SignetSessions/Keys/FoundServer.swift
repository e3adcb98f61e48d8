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
        let seal = SealKeys(under: masterKey, randomBytes: randomBytes)
        let now = clock.now
        let draft = ServerFoundation(
            issuer: issuer, salt: Secret(randomBytes(32)),
            signingKeys: [try seal.newSigningKey(at: now, activatesAt: now), try seal.newSigningKey(at: now)],
            refreshKeys: [try seal.newRefreshKey(1, at: now, activatesAt: now), try seal.newRefreshKey(2, at: now)]
        )
        try await store.found(draft, clients: Client.builtIn(createdAt: now), roles: [.admin])
        // Another process may have been first; what is in the database is what counts.
        return (try await store.foundation() ?? draft, masterKeys)
    }
}
