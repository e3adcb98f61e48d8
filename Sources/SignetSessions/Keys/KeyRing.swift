package import SignetTokens

/// The server's keys, opened and in memory; read anew when they were changed, or when a token names a key that is not there.
package actor KeyRing {
    /// What the keys are for at one moment.
    package struct Snapshot: Sendable {
        /// The server's name.
        package let issuer: String
        /// Signs access tokens now.
        package let signingKey: SigningKey
        /// What the JWKS shows: every key whose tokens are good, and the next one.
        package let published: KeySet
        /// Every public key there ever was, but revoked ones: for the access token that is sent along with a renewal.
        package let everKnown: KeySet
        /// Makes refresh tokens now.
        package let refreshKey: RefreshKey
        /// Every refresh key that was not revoked, by version.
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
    private var opened: OpenedKeys
    private var snapshot: Snapshot
    /// The moments between which the snapshot is what the keys are for.
    private var validity: (from: UnixTime, until: UnixTime?)
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
        let now = clock.now
        opened = try OpenedKeys(foundation, masterKeys: masterKeys, keyFile: keyFile)
        snapshot = try opened.snapshot(at: now)
        validity = (now, foundation.signingKeys.nextChange(after: now))
        triedAt = now
    }

    /// The keys as they are known, each doing what it does at this moment.
    package func current() -> Snapshot {
        let now = clock.now
        if now < validity.from || validity.until.map({ $0 <= now }) ?? false, let due = try? opened.snapshot(at: now) {
            snapshot = due
            validity = (now, opened.foundation.signingKeys.nextChange(after: now))
        }
        return snapshot
    }

    /// The revision of the keys that are held, and the master key that seals what signs and makes tokens now.
    package var held: (revision: Int64, masterKeyID: String?) {
        (opened.foundation.revision, opened.foundation.refreshKeys.active?.masterKeyID)
    }

    /// The keys, read anew when this version is not among them: another process may have made it. One reading at a time, at most one a second.
    /// - Throws: a fault when they cannot be read, for then nobody knows whether the token is good.
    package func holding(refreshKey version: UInt8) async throws -> Snapshot {
        let known = current()
        if known.refreshKeys[version] != nil { return known }
        if let loading { return try await loading.value }
        guard clock.now >= triedAt.advanced(by: .seconds(1)) || clock.now < triedAt else {
            // Whoever could not look must not say no.
            if let failure { throw failure }
            return known
        }
        return try await reload()
    }

    /// The keys as they were changed last, read anew unless they are held already.
    /// - Throws: a fault when they cannot be read; those that are held stay in use.
    @discardableResult
    package func catchUp() async throws -> Snapshot {
        let revision = try await store.keysRevision()
        // Twice, for a reading that is under way may have begun before the change.
        for _ in 0..<2 where opened.foundation.revision < revision { try await reload() }
        return current()
    }

    /// The keys, read anew now, together with everybody who asks for the same.
    /// - Throws: a fault when they cannot be read; those that are held stay in use.
    @discardableResult
    package func reload() async throws -> Snapshot {
        if let loading { return try await loading.value }
        let task = Task {
            defer { loading = nil }
            return try await load()
        }
        loading = task
        return try await task.value
    }

    private func load() async throws -> Snapshot {
        triedAt = clock.now
        do {
            guard let foundation = try await store.foundation() else { throw FoundationMissing() }
            let read = try OpenedKeys(foundation, masterKeys: keyFile.read(), keyFile: keyFile)
            let now = clock.now
            snapshot = try read.snapshot(at: now)
            opened = read
            validity = (now, foundation.signingKeys.nextChange(after: now))
            failure = nil
        } catch {
            failure = error
            throw error
        }
        return snapshot
    }
}
