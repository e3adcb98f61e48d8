import SignetTokens

/// A refresh key leaked: tokens made under it are no longer taken for genuine, and the sessions that hold one end.
package struct RetireRefreshKey: Sendable {
    private let change: ChangeKeys

    package init(_ change: ChangeKeys) {
        self.change = change
    }

    /// Revokes a version, and says how many sessions ended with it.
    /// - Throws: ``KeyRefusal``; ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(_ version: UInt8, by actor: Actor) async throws -> Int {
        try await change { foundation, seal, now in
            let keys = foundation.refreshKeys
            guard var leaked = keys.first(where: { $0.version == version }) else { throw KeyRefusal.unknownKey }
            guard leaked.revokedAt == nil else { throw KeyRefusal.wasRevoked }
            let wasActive = keys.active?.version == version
            leaked.revokedAt = now
            var change = KeyChange(
                basis: foundation.revision, entry: AuditEntry(.refreshKeyRevoked, by: actor, detail: "version \(version)"))
            change.revokedVersion = version
            change.refreshKeys = [leaked]
            if wasActive {
                guard var next = keys.standby else { throw KeyRefusal.noVersionLeft }
                next.activatesAt = now
                change.refreshKeys.append(next)
            }
            if wasActive || keys.standby?.version == version {
                change.refreshKeys += try seal.refreshKey(after: keys, at: now)
            }
            return (change, ())
        }.endedSessions
    }
}
