import SignetTokens

/// A signing key leaked: from now on nothing that it signed is worth anything, anywhere, and another one signs at once.
package struct RetireSigningKey: Sendable {
    private let change: ChangeKeys

    package init(_ change: ChangeKeys) {
        self.change = change
    }

    /// Revokes the key in one transaction with the turn of the standby, where the key was the one that signs.
    ///
    /// Every verifier that follows the revocation feed refuses its tokens within a second; devices renew and go on.
    /// - Throws: ``KeyRefusal``; ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(_ keyID: String, by actor: Actor) async throws {
        _ = try await change { foundation, seal, now in
            let keys = foundation.signingKeys
            guard var leaked = keys.first(where: { $0.keyID.hasSameBytes(as: keyID) }) else { throw KeyRefusal.unknownKey }
            let state = keys.state(of: leaked, at: now)
            guard state != .revoked else { throw KeyRefusal.wasRevoked }
            leaked.revokedAt = now
            var change = KeyChange(
                basis: foundation.revision, entry: AuditEntry(.signingKeyRevoked, by: actor, detail: leaked.keyID))
            change.revokedKeyID = leaked.keyID
            change.signingKeys = [leaked]
            switch state {
            case .active:
                // Verifiers have had the next one for a while; those that have not fetch it when the feed tells them.
                guard var next = keys.next(after: now) ?? keys.standby else { throw FoundationMissing() }
                if next.activatesAt == nil { change.signingKeys.append(try seal.newSigningKey(at: now)) }
                next.activatesAt = now
                change.signingKeys.append(next)
            case .standby(from: nil): change.signingKeys.append(try seal.newSigningKey(at: now))
            case .standby, .verifying, .retired, .revoked: break
            }
            return (change, ())
        }
    }
}
