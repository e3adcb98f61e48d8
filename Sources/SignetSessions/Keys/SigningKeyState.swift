package import SignetTokens

/// What a signing key does at a moment. It follows from the moments in the keys' rows and from nothing else, so every process that
/// shares the database turns to the next key by itself, in the same instant.
package enum SigningKeyState: Hashable, Sendable {
    /// It is published and does not sign yet; when its turn comes, if that is settled.
    case standby(from: UnixTime?)
    /// It signs.
    case active
    /// Another one signs; it is published until the last of its tokens has expired.
    case verifying(until: UnixTime)
    /// All its tokens have expired. Its public half is remembered for renewals that bring an old access token along.
    case retired
    /// It was revoked: whatever it signed is worth nothing.
    case revoked

    /// How long after its last signature a key is published: the longest access lifetime, the largest leeway of a verifier, and a
    /// minute for the clocks of several servers.
    package static let farewell: Duration = Revocation.memory + .seconds(60)

    /// Whether verifiers are shown the key.
    package var isPublished: Bool {
        switch self {
        case .standby, .active, .verifying: true
        case .retired, .revoked: false
        }
    }

    /// The state in one word.
    package var name: String {
        switch self {
        case .standby: "standby"
        case .active: "active"
        case .verifying: "verifying"
        case .retired: "retired"
        case .revoked: "revoked"
        }
    }
}

extension [SealedSigningKey] {
    /// The key that signs at a moment.
    package func active(at now: UnixTime) -> SealedSigningKey? {
        let now = sound(now)
        return filter { $0.revokedAt == nil && $0.hasBegun(at: now) }.max { $0.signsBefore($1) }
    }

    /// The key that is published and whose turn is not settled: there is always one.
    package var standby: SealedSigningKey? {
        first { $0.revokedAt == nil && $0.activatesAt == nil }
    }

    /// The key whose turn is settled and has not come.
    package func next(after now: UnixTime) -> SealedSigningKey? {
        let now = sound(now)
        return filter { $0.revokedAt == nil && $0.activatesAt != nil && !$0.hasBegun(at: now) }.min { $0.signsBefore($1) }
    }

    /// What one of these keys does at a moment.
    package func state(of key: SealedSigningKey, at now: UnixTime) -> SigningKeyState {
        if key.revokedAt != nil { return .revoked }
        let now = sound(now)
        guard key.hasBegun(at: now) else { return .standby(from: key.activatesAt) }
        if active(at: now)?.keyID == key.keyID { return .active }
        let until = (end(of: key) ?? now).advanced(by: SigningKeyState.farewell)
        return now < until ? .verifying(until: until) : .retired
    }

    /// When the state of any key changes next, if nobody changes the keys.
    package func nextChange(after now: UnixTime) -> UnixTime? {
        let moments = flatMap { key in
            [key.activatesAt, end(of: key)?.advanced(by: SigningKeyState.farewell)].compactMap(\.self)
        }
        return moments.filter { now < $0 }.min()
    }

    /// A clock that was set back before the first turn must not leave the server without a key.
    private func sound(_ now: UnixTime) -> UnixTime {
        Swift.max(now, compactMap { $0.revokedAt == nil ? $0.activatesAt : nil }.min() ?? now)
    }

    /// When a key's turn ends because another's begins; one that was revoked before its turn took nobody's place.
    private func end(of key: SealedSigningKey) -> UnixTime? {
        filter { other in
            guard let start = other.activatesAt, key.signsBefore(other) else { return false }
            return other.revokedAt.map { start < $0 } ?? true
        }.compactMap(\.activatesAt).min()
    }
}

extension SealedSigningKey {
    fileprivate func hasBegun(at now: UnixTime) -> Bool {
        activatesAt.map { $0 <= now } ?? false
    }

    /// Whether its turn comes before another's; two that would begin in the same instant are told apart by their making.
    fileprivate func signsBefore(_ other: SealedSigningKey) -> Bool {
        guard let start = activatesAt, let otherStart = other.activatesAt else { return false }
        return (start, createdAt.milliseconds, keyID) < (otherStart, other.createdAt.milliseconds, other.keyID)
    }
}
