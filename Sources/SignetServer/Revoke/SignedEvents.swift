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
        let ring = await keys.current()
        return try entries.map { entry in
            let key = Key(event: entry.revocation.id, keyID: ring.signingKey.publicKey.keyID)
            if let known = signed[key] { return known }
            let event = try SecurityEventToken.sign(entry.revocation, issuer: ring.issuer, with: ring.signingKey, at: clock.now)
            if signed.count >= Self.capacity { signed.removeAll() }
            signed[key] = event
            return event
        }
    }
}
