import SignetTokens
import Synchronization

/// The revocations that are still remembered: four look-ups say whether a token is among what they ended (VER-12).
///
/// An entry leaves by its `forget_at` and by nothing else; a signing key's never leaves. The number of entries is bounded, and what does
/// not fit is not forgotten either: instead of one more entry there is then a single moment, up to which every token issued counts as
/// revoked. An honest client renews after that 401 and goes on with a token that is younger; a revoked session cannot renew.
final class LiveRevocations: Sendable {
    /// The most signing keys that are remembered as revoked. With more nothing of the issuer's can be trusted, and every token is refused.
    static let keyLimit = 10_000
    /// How exactly entries leave memory, in seconds; they cease to count at their very moment.
    private static let slotLength: Int64 = 60

    private struct CutOff {
        var issuedUntil: UnixTime
        var forgetAt: UnixTime?
    }

    private struct Entries {
        /// When each is forgotten; `.some(nil)` is never.
        var forgetAt: [RevokedSubject: UnixTime?] = [:]
        var keys: Set<String> = []
        var hasTooManyKeys = false
        var cutOff: CutOff?
        /// What leaves memory when a minute is over, so that pruning costs each entry once and never walks through all of them.
        var slots: [Int64: [RevokedSubject]] = [:]
    }

    private let limit: Int
    private let entries = Mutex(Entries())

    /// - Parameter limit: the most sessions, tokens and clients together.
    init(limit: Int) {
        self.limit = max(0, limit)
    }

    /// How many entries are held.
    var count: Int { entries.withLock { $0.forgetAt.count + $0.keys.count } }

    /// Whether there were more than fit, so that tokens are refused by when they were issued.
    var isOverflowing: Bool { entries.withLock { $0.cutOff != nil || $0.hasTooManyKeys } }

    /// The revoked keys, none of which is ever accepted again.
    var revokedKeys: Set<String> { entries.withLock(\.keys) }

    /// Adds an entry.
    /// - Returns: whether it says anything that was not known.
    func insert(_ revocation: Revocation, at now: UnixTime) -> Bool {
        entries.withLock { entries in
            if case .key(let keyID) = revocation.subject { return insert(keyID, into: &entries) }
            if let forgetAt = revocation.forgetAt, forgetAt <= now { return false }
            if let known = entries.forgetAt[revocation.subject] {
                guard known.isEarlier(than: revocation.forgetAt) else { return false }
            } else if entries.forgetAt.count >= limit {
                return cutOff(revocation, into: &entries)
            }

            entries.forgetAt[revocation.subject] = .some(revocation.forgetAt)
            if let forgetAt = revocation.forgetAt {
                entries.slots[Self.slot(of: forgetAt), default: []].append(revocation.subject)
            }
            return true
        }
    }

    /// Whether a token, its session, its client or its key was revoked.
    func covers(_ verified: VerifiedAccessToken, at now: UnixTime) -> Bool {
        let token = verified.token
        return entries.withLock { entries in
            if entries.hasTooManyKeys || entries.keys.contains(verified.keyID) { return true }
            if let cutOff = entries.cutOff, token.issuedAt <= cutOff.issuedUntil, cutOff.forgetAt.isAfter(now) { return true }
            guard !entries.forgetAt.isEmpty else { return false }

            func isRevoked(_ subject: RevokedSubject) -> Bool { entries.forgetAt[subject]?.isAfter(now) ?? false }
            return isRevoked(.token(token.tokenID)) || isRevoked(.client(token.clientID))
                || token.sessionID.map { isRevoked(.session($0)) } ?? false
        }
    }

    /// Forgets what is past its moment.
    func prune(at now: UnixTime) {
        entries.withLock { entries in
            if let cutOff = entries.cutOff, !cutOff.forgetAt.isAfter(now) { entries.cutOff = nil }
            let present = Self.slot(of: now)
            for slot in entries.slots.keys where slot < present {
                for subject in entries.slots.removeValue(forKey: slot) ?? [] {
                    // It may have been revoked anew since, and stands in a later slot too.
                    guard let forgetAt = entries.forgetAt[subject], !forgetAt.isAfter(now) else { continue }
                    entries.forgetAt[subject] = nil
                }
            }
        }
    }

    private func insert(_ keyID: String, into entries: inout Entries) -> Bool {
        guard !entries.keys.contains(keyID) else { return false }
        guard entries.keys.count < Self.keyLimit else {
            defer { entries.hasTooManyKeys = true }
            return !entries.hasTooManyKeys
        }
        entries.keys.insert(keyID)
        return true
    }

    /// Both moments are the store's, so that no difference between clocks matters.
    private func cutOff(_ revocation: Revocation, into entries: inout Entries) -> Bool {
        guard var cutOff = entries.cutOff else {
            entries.cutOff = CutOff(issuedUntil: revocation.at, forgetAt: revocation.forgetAt)
            return true
        }
        guard cutOff.issuedUntil < revocation.at || cutOff.forgetAt.isEarlier(than: revocation.forgetAt) else { return false }
        cutOff.issuedUntil = max(cutOff.issuedUntil, revocation.at)
        if cutOff.forgetAt.isEarlier(than: revocation.forgetAt) { cutOff.forgetAt = revocation.forgetAt }
        entries.cutOff = cutOff
        return true
    }

    private static func slot(of moment: UnixTime) -> Int64 { moment.seconds / slotLength }
}

/// A moment of forgetting, where `nil` is never.
extension UnixTime? {
    fileprivate func isAfter(_ now: UnixTime) -> Bool { map { now < $0 } ?? true }

    fileprivate func isEarlier(than other: UnixTime?) -> Bool {
        guard let self else { return false }
        return other.map { self < $0 } ?? true
    }
}
