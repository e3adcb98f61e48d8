import SignetTokens
import Synchronization

/// Tokens that were verified before: the second use of a token costs a hash and a look-up instead of a signature.
///
/// It only ever accepts. A token that is not here is verified in full, so a second spelling of a token (an ECDSA signature has one)
/// gains nothing and loses nothing (TRAP-5). Bounded by two halves: when the newer one is full the older one is forgotten.
final class VerifiedTokens: Sendable {
    typealias Hash = SHA256Hash<AccessTokenText>

    private struct Entry {
        let token: VerifiedAccessToken
        let key: HeldKeys.Identity
        let verifiedAt: UnixTime
    }

    private struct Halves {
        var newer: [Hash: Entry] = [:]
        var older: [Hash: Entry] = [:]
    }

    private let capacity: Int
    private let leeway: Duration
    private let halves = Mutex(Halves())

    /// - Parameters:
    ///   - capacity: the most tokens that are remembered; 0 for none.
    ///   - leeway: that of the rules by which they were verified.
    init(capacity: Int, leeway: Duration) {
        self.capacity = max(0, capacity)
        self.leeway = leeway
    }

    /// How many tokens are remembered.
    var count: Int {
        halves.withLock { $0.newer.count + $0.older.count }
    }

    /// The token, when it would still be accepted now: not expired, and its key still in use.
    func token(_ hash: Hash, at now: UnixTime, with keys: HeldKeys) -> VerifiedAccessToken? {
        halves.withLock { halves in
            guard let entry = halves.newer[hash] ?? halves.older[hash] else { return nil }
            // A clock that was set back before the verification may stand before the token's `nbf`: look again, in full.
            guard entry.verifiedAt <= now, now < entry.token.token.expiresAt.advanced(by: leeway), keys.contains(entry.key) else {
                halves.newer[hash] = nil
                halves.older[hash] = nil
                return nil
            }
            if halves.newer[hash] == nil { insert(entry, hash, into: &halves) }
            return entry.token
        }
    }

    /// Remembers a token that was just verified with `keys`.
    func remember(_ token: VerifiedAccessToken, _ hash: Hash, at now: UnixTime, with keys: HeldKeys) {
        guard let key = keys.identity(of: token.keyID) else { return }
        halves.withLock { insert(Entry(token: token, key: key, verifiedAt: now), hash, into: &$0) }
    }

    /// Forgets every token: each is verified anew, in full.
    func forgetAll() {
        halves.withLock { $0 = Halves() }
    }

    private func insert(_ entry: Entry, _ hash: Hash, into halves: inout Halves) {
        guard capacity > 0 else { return }
        if halves.newer.count >= (capacity + 1) / 2, halves.newer[hash] == nil {
            halves.older = capacity > 1 ? halves.newer : [:]
            halves.newer = [:]
        }
        halves.older[hash] = nil
        halves.newer[hash] = entry
        if halves.newer.count + halves.older.count > capacity, let victim = halves.older.keys.first { halves.older[victim] = nil }
    }
}

/// What a ``VerifiedTokens/Hash`` is the hash of.
enum AccessTokenText {}
