package import SignetTokens

/// The standby's turn is settled: it signs once it has been published for as long as verifiers may keep a key set without asking
/// again, and a new standby is published at once (OIDC Core 1.0, section 10.1.1).
package struct RotateSigningKey: Sendable {
    private let change: ChangeKeys
    /// How long verifiers may keep a key set.
    private let cacheTime: Duration

    package init(_ change: ChangeKeys, cacheTime: Duration) {
        self.change = change
        self.cacheTime = cacheTime
    }

    /// Settles it, and says which key signs from when on.
    /// - Throws: ``KeyRefusal``, `underWay`; ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(by actor: Actor) async throws -> SigningKeyTurn {
        try await change { foundation, seal, now in
            let (change, turn) = try Self.decide(on: foundation, cacheTime: cacheTime, by: actor, at: now, seal)
            return (change, turn)
        }.0
    }

    /// Likewise, if the key that signs has done so for at least `age`; `nil` when it has not, or a rotation is under way.
    /// - Throws: ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(ifOlderThan age: Duration) async throws -> SigningKeyTurn? {
        try await change { foundation, seal, now in
            let keys = foundation.signingKeys
            guard keys.next(after: now) == nil, let since = keys.active(at: now)?.activatesAt, since.advanced(by: age) <= now
            else {
                return (nil, nil)
            }
            let (change, turn) = try Self.decide(on: foundation, cacheTime: cacheTime, by: .system, at: now, seal)
            return (change, turn)
        }.0
    }

    private static func decide(
        on foundation: ServerFoundation, cacheTime: Duration, by actor: Actor, at now: UnixTime, _ seal: SealKeys
    ) throws -> (KeyChange, SigningKeyTurn) {
        let keys = foundation.signingKeys
        if let moment = keys.next(after: now)?.activatesAt { throw KeyRefusal.underWay(until: moment) }
        guard var next = keys.standby else { throw FoundationMissing() }
        let signsFrom = max(now, next.createdAt.advanced(by: cacheTime))
        next.activatesAt = signsFrom
        var change = KeyChange(
            basis: foundation.revision, entry: AuditEntry(.signingKeyRotated, by: actor, detail: next.keyID))
        change.signingKeys = [next, try seal.newSigningKey(at: now)]
        return (change, SigningKeyTurn(keyID: next.keyID, signsFrom: signsFrom))
    }
}

/// Which key signs, from when on.
package struct SigningKeyTurn: Hashable, Sendable {
    package let keyID: String
    package let signsFrom: UnixTime
}
