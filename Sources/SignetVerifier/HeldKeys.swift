import SignetTokens

/// The keys that are in use, when they were fetched, and until when they count as fresh.
struct HeldKeys: Sendable {
    /// One key under one name. Both, for a `kid` may come to name another key.
    struct Identity: Hashable, Sendable {
        let keyID: String
        let thumbprint: String
    }

    let keySet: KeySet
    /// Which of the verifier's fetches they came with.
    let generation: Int
    private let fetchedAt: UnixTime
    private let lifetime: Duration
    private let identities: [Identity]

    init(_ keySet: KeySet, generation: Int, fetchedAt: UnixTime, lifetime: Duration) {
        self.keySet = keySet
        self.generation = generation
        self.fetchedAt = fetchedAt
        self.lifetime = lifetime
        identities = keySet.keys.map { Identity(keyID: $0.keyID, thumbprint: $0.thumbprint) }
    }

    /// Whether they may be used without asking the server; not before they were fetched either, for a clock can be set back.
    func areFresh(at now: UnixTime) -> Bool {
        fetchedAt <= now && now < fetchedAt.advanced(by: lifetime)
    }

    /// When to fetch again so that they never go stale: after three quarters of their lifetime.
    var refreshAt: UnixTime { fetchedAt.advanced(by: lifetime * 3 / 4) }

    /// The key of this `kid`.
    func identity(of keyID: String) -> Identity? {
        identities.first { $0.keyID.hasSameBytes(as: keyID) }
    }

    /// Whether exactly this key, under this name, is in use.
    func contains(_ identity: Identity) -> Bool {
        self.identity(of: identity.keyID) == identity
    }
}
