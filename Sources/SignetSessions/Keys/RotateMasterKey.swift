package import SignetTokens

/// Another master key takes the place of the one in the key file: added to the file, all keys sealed anew under it in one transaction,
/// and the old one dropped from the file when every server that runs has taken it up.
///
/// It may be interrupted anywhere and begun again: what is in the file and in the database says how far it came.
package struct RotateMasterKey: Sendable {
    private let store: any SessionStore
    private let keyFile: MasterKeyFile
    private let clock: any WallClock
    private let randomBytes: RandomBytes
    /// How long to wait for the servers that run.
    private let patience: Duration

    package init(
        store: any SessionStore, keyFile: MasterKeyFile, clock: any WallClock, randomBytes: @escaping RandomBytes,
        patience: Duration = .seconds(40)
    ) {
        self.store = store
        self.keyFile = keyFile
        self.clock = clock
        self.randomBytes = randomBytes
        self.patience = patience
    }

    /// Rotates, and says the id of the key in use now.
    ///
    /// - Parameter onWait: called once if it has to wait for a server; one that was killed counts as running for half a minute.
    /// - Throws: ``MasterKeyFileProblem``, ``MasterKeyRefusal``, or a fault.
    package func callAsFunction(by actor: Actor, onWait: () -> Void = {}) async throws -> String {
        guard let lock = try keyFile.lock() else { throw MasterKeyRefusal.underWay }
        defer { withExtendedLifetime(lock) {} }
        let new = try addedKey()
        try await reseal(under: new, by: actor)
        try await waitForServers(to: new, onWait)
        // On another machine somebody may have rotated to yet another key meanwhile: nothing is dropped that anything is sealed under.
        guard let foundation = try await store.foundation(), foundation.isSealed(under: new.id) else {
            throw MasterKeyRefusal.underWay
        }
        try keyFile.replace(with: [new], randomBytes)
        return new.id
    }

    /// The key that was added to the file, now or by a rotation that was interrupted.
    private func addedKey() throws -> MasterKey {
        let keys = try keyFile.read()
        if keys.count > 1, let last = keys.last { return last }
        let new = MasterKey.random(randomBytes)
        try keyFile.replace(with: keys + [new], randomBytes)
        return new
    }

    private func reseal(under new: MasterKey, by actor: Actor) async throws {
        var attempts = 5
        while true {
            guard let foundation = try await store.foundation() else { throw FoundationMissing() }
            if foundation.isSealed(under: new.id) { return }
            do {
                _ = try await store.changeKeys(change(of: foundation, to: new, by: actor))
                return
            } catch is KeysChanged where attempts > 1 {
                attempts -= 1
            }
        }
    }

    private func change(of foundation: ServerFoundation, to new: MasterKey, by actor: Actor) throws -> KeyChange {
        let masterKeys = Dictionary(try keyFile.read().map { ($0.id, $0) }) { first, _ in first }
        func opener(_ id: String) throws -> MasterKey {
            guard let key = masterKeys[id] else { throw MasterKeyFileProblem.otherKey(keyFile.path) }
            return key
        }

        let seal = SealKeys(under: new, randomBytes: randomBytes)
        var change = KeyChange(basis: foundation.revision, entry: AuditEntry(.masterKeyRotated, by: actor, detail: new.id))
        change.signingKeys = try foundation.signingKeys.map { try seal.resealed($0, openedBy: opener($0.masterKeyID)) }
        change.refreshKeys = try foundation.refreshKeys.map { try seal.resealed($0, openedBy: opener($0.masterKeyID)) }
        return change
    }

    private func waitForServers(to new: MasterKey, _ onWait: () -> Void) async throws {
        let start = clock.now
        let end = start.advanced(by: patience)
        var hasSaid = false
        while try await store.runningServers().contains(where: { $0.masterKeyID != new.id }) {
            // Servers that run take a tenth of a second.
            if !hasSaid, clock.now >= start.advanced(by: .seconds(1)) {
                hasSaid = true
                onWait()
            }
            guard clock.now < end else { throw MasterKeyRefusal.serversBehind }
            try await clock.sleep(for: .milliseconds(200))
        }
    }
}

/// Why the old master key is still in the key file.
package enum MasterKeyRefusal: Refusal, Equatable {
    /// A server that runs has not read the new key.
    case serversBehind
    /// Another rotation of the master key is at work.
    case underWay

    package var code: RefusalCode { .conflict }

    package var sentence: String {
        switch self {
        case .serversBehind:
            "The keys are sealed under the new master key, but a server that runs has not read it; see that each server has the new key file, then run this again to drop the old key."
        case .underWay: "Another command is rotating the master key; wait until it has ended, then look at `signet key list`."
        }
    }

    package var reason: String {
        switch self {
        case .serversBehind: "servers_behind"
        case .underWay: "under_way"
        }
    }
}
