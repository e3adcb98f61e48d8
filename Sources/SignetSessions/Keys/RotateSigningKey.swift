package import SignetTokens

/// The standby's turn is settled: it signs once it has been published for longer than verifiers may keep a key set without asking
/// again, and a new standby is published at once (OIDC Core 1.0, section 10.1.1).
package struct RotateSigningKey: Sendable {
    private let change: ChangeKeys
    /// How long verifiers may keep a key set, as the settings here say; a server that runs may have said otherwise.
    private let cacheTime: Duration

    package init(_ change: ChangeKeys, cacheTime: Duration) {
        self.change = change
        self.cacheTime = cacheTime
    }

    /// The longest that verifiers may ever be told to keep a key set.
    package static let longestCacheTime: Duration = .seconds(3600)

    /// How long a key is published before it signs: what verifiers may keep and a fifth more, for a key set that was fetched just before
    /// the last server had the key.
    package static func publishedFor(_ cacheTime: Duration) -> Duration { cacheTime + max(.seconds(2), cacheTime / 5) }

    /// Settles it, and says which key signs from when on.
    /// - Throws: ``KeyRefusal``, `underWay`; ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(by actor: Actor) async throws -> SigningKeyTurn {
        let wait = try await wait()
        return try await change { foundation, seal, now in
            let (change, turn) = try Self.decide(on: foundation, wait: wait, by: actor, at: now, seal)
            return (change, turn)
        }.0
    }

    /// Likewise, if the key that signs has done so for at least `age`; `nil` when it has not, or a rotation is under way.
    /// - Throws: ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(ifOlderThan age: Duration) async throws -> SigningKeyTurn? {
        let wait = try await wait()
        return try await change { foundation, seal, now in
            let keys = foundation.signingKeys
            guard Self.underWay(keys, at: now) == nil, let since = keys.active(at: now)?.activatesAt,
                since.advanced(by: age) <= now
            else {
                return (nil, nil)
            }
            let (change, turn) = try Self.decide(on: foundation, wait: wait, by: .system, at: now, seal)
            return (change, turn)
        }.0
    }

    /// By the longest that any server tells verifiers: the command that rotates may not know the settings of those that run.
    func wait() async throws -> Duration {
        let told = try await change.runningServers().map(\.keyCacheTime)
        return Self.publishedFor(told.reduce(cacheTime, max))
    }

    /// The turn of a key that is settled and near. One that is farther away than the longest wait was settled by a clock that has been
    /// set back since; it must not hold up rotations until then.
    private static func underWay(_ keys: [SealedSigningKey], at now: UnixTime) -> UnixTime? {
        let latest = now.advanced(by: publishedFor(longestCacheTime))
        return keys.next(after: now)?.activatesAt.flatMap { $0 <= latest ? $0 : nil }
    }

    static func decide(
        on foundation: ServerFoundation, wait: Duration, by actor: Actor, at now: UnixTime, _ seal: SealKeys
    ) throws -> (KeyChange, SigningKeyTurn) {
        let keys = foundation.signingKeys
        if let moment = underWay(keys, at: now) { throw KeyRefusal.underWay(until: moment) }
        guard var next = keys.next(after: now) ?? keys.standby else { throw FoundationMissing() }
        let signsFrom = max(now, min(next.createdAt, now).advanced(by: wait))
        let standby = next.activatesAt == nil ? [try seal.newSigningKey(at: now)] : []
        next.activatesAt = signsFrom
        var change = KeyChange(
            basis: foundation.revision, entry: AuditEntry(.signingKeyRotated, by: actor, detail: next.keyID))
        change.signingKeys = [next] + standby
        return (change, SigningKeyTurn(keyID: next.keyID, signsFrom: signsFrom))
    }
}

/// Which key signs, from when on.
package struct SigningKeyTurn: Hashable, Sendable {
    package let keyID: String
    package let signsFrom: UnixTime
}
