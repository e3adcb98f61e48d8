package import SignetTokens

/// What every change of the keys has in common: it is decided on the keys as they are, sealed under the master key in use, and decided
/// anew when somebody else was faster.
package struct ChangeKeys: Sendable {
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

    /// Carries out what `decide` says, and returns what it returned beside the change; without a change nothing happens.
    /// - Throws: ``MasterKeyFileProblem``, what `decide` throws, or a fault.
    func callAsFunction<Value>(
        _ decide: (ServerFoundation, SealKeys, UnixTime) throws -> (KeyChange?, Value)
    ) async throws -> (Value, endedSessions: Int) {
        var attempts = 5
        while true {
            guard let foundation = try await store.foundation() else { throw FoundationMissing() }
            let seal = SealKeys(under: try masterKey(of: foundation), randomBytes: randomBytes)
            let (change, value) = try decide(foundation, seal, clock.now)
            guard let change else { return (value, 0) }
            do {
                return (value, try await store.changeKeys(change))
            } catch is KeysChanged where attempts > 1 {
                attempts -= 1
            }
        }
    }

    /// The servers that run on this database.
    /// - Throws: a fault.
    func runningServers() async throws -> [ServerReport] {
        try await store.runningServers()
    }

    /// The master key that seals the keys in use. A file that another one was added to is in the middle of a rotation of master keys.
    private func masterKey(of foundation: ServerFoundation) throws -> MasterKey {
        let keys = try keyFile.read()
        guard let id = foundation.refreshKeys.active?.masterKeyID, let key = keys.first(where: { $0.id == id }) else {
            throw MasterKeyFileProblem.otherKey(keyFile.path)
        }
        return key
    }
}
