import SignetTokens

/// The next refresh key takes its turn, and the one after it is made. Nobody is signed out: a token made under an older key is renewed
/// into one under the new.
package struct RotateRefreshKey: Sendable {
    /// The last version that a rotation takes into use: the few after it are for keys that leak.
    static let lastVersion: UInt8 = 250

    private let change: ChangeKeys

    package init(_ change: ChangeKeys) {
        self.change = change
    }

    /// Rotates, and says which version makes tokens now.
    /// - Throws: ``KeyRefusal``, `lastVersion`; ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(by actor: Actor) async throws -> UInt8 {
        try await change { foundation, seal, now in
            let (change, version) = try Self.decide(on: foundation, by: actor, at: now, seal)
            return (change, version)
        }.0
    }

    /// Likewise, if the key has been in use for at least `age`; `nil` when it has not, or there is no version left.
    /// - Throws: ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(ifOlderThan age: Duration) async throws -> UInt8? {
        try await change { foundation, seal, now in
            guard let since = foundation.refreshKeys.active?.activatesAt, since.advanced(by: age) <= now,
                foundation.refreshKeys.standby.map({ $0.version <= Self.lastVersion }) == true
            else { return (nil, nil) }
            let (change, version) = try Self.decide(on: foundation, by: .system, at: now, seal)
            return (change, version)
        }.0
    }

    private static func decide(
        on foundation: ServerFoundation, by actor: Actor, at now: UnixTime, _ seal: SealKeys
    ) throws -> (KeyChange, UInt8) {
        guard var next = foundation.refreshKeys.standby, next.version <= lastVersion else { throw KeyRefusal.lastVersion }
        next.activatesAt = now
        var change = KeyChange(
            basis: foundation.revision, entry: AuditEntry(.refreshKeyRotated, by: actor, detail: "version \(next.version)"))
        change.refreshKeys = [next] + (try seal.refreshKey(after: foundation.refreshKeys, at: now))
        return (change, next.version)
    }
}

extension SealKeys {
    /// A new key of the version after the last, which waits for its turn; none when there is no version left.
    func refreshKey(after keys: [SealedRefreshKey], at now: UnixTime) throws -> [SealedRefreshKey] {
        guard let last = keys.map(\.version).max(), last < .max else { return [] }
        return [try newRefreshKey(last + 1, at: now)]
    }
}
