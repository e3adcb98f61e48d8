import SignetSessions
import SignetTokens

/// Signs each entry of the log once, however many readers there are; with another key, anew.
actor SignedEvents {
    /// How many signed events are kept.
    private static let capacity = 4096

    private struct Key: Hashable {
        let event: TokenID
        let keyID: String
    }

    private let keys: KeyRing
    private let clock: any WallClock
    private var signed: [Key: String] = [:]

    init(keys: KeyRing, clock: any WallClock) {
        self.keys = keys
        self.clock = clock
    }

    /// The key that signs now.
    var keyID: String {
        get async { await keys.current().signingKey.publicKey.keyID }
    }

    /// The events of these entries, in their order.
    func signed(_ entries: [LoggedRevocation]) async throws -> [String] {
        let ring = try await ring(for: entries)
        return try entries.map { entry in
            let key = Key(event: entry.revocation.id, keyID: ring.signingKey.publicKey.keyID)
            if let known = signed[key] { return known }
            let event = try SecurityEventToken.sign(entry.revocation, issuer: ring.issuer, with: ring.signingKey, at: clock.now)
            if signed.count >= Self.capacity { signed.removeAll() }
            signed[key] = event
            return event
        }
    }

    /// The keys to sign with. A revocation of the very key that signs here was made by another process a moment ago: it must not be the
    /// key that vouches for its own end.
    private func ring(for entries: [LoggedRevocation]) async throws -> KeyRing.Snapshot {
        let ring = await keys.current()
        guard entries.contains(where: { $0.revocation.subject == .key(ring.signingKey.publicKey.keyID) }) else { return ring }
        return try await keys.catchUp()
    }
}
