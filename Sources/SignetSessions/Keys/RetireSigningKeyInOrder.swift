package import SignetTokens

/// A signing key is taken out of use without anybody noticing: what that means depends on what it does when it is decided.
package struct RetireSigningKeyInOrder: Sendable {
    /// What became of the key.
    package enum Outcome: Hashable, Sendable {
        /// It signed: the next key takes its turn, and it verifies until its last token has expired.
        case signsUntil(SigningKeyTurn)
        /// It waited for its turn: another one is published in its place.
        case replaced
        /// Its turn was settled: it is called off.
        case calledOff
        /// It no longer signs; it is published until its last token has expired.
        case verifies(until: UnixTime)
    }

    private let change: ChangeKeys
    private let rotate: RotateSigningKey

    package init(_ change: ChangeKeys, rotate: RotateSigningKey) {
        self.change = change
        self.rotate = rotate
    }

    /// Decides on the keys as they are in that moment, and says what became of this one.
    /// - Throws: ``KeyRefusal``; ``MasterKeyFileProblem``, or a fault.
    package func callAsFunction(_ keyID: String, by actor: Actor) async throws -> Outcome {
        let wait = try await rotate.wait()
        return try await change { foundation, seal, now in
            let keys = foundation.signingKeys
            guard var key = keys.first(where: { $0.keyID.hasSameBytes(as: keyID) }) else { throw KeyRefusal.unknownKey }
            switch keys.state(of: key, at: now) {
            case .active:
                let (change, turn) = try RotateSigningKey.decide(on: foundation, wait: wait, by: actor, at: now, seal)
                return (change, Outcome.signsUntil(turn))
            case .standby(let turn):
                key.revokedAt = now
                var change = KeyChange(
                    basis: foundation.revision, entry: AuditEntry(.signingKeyRevoked, by: actor, detail: key.keyID))
                change.revokedKeyID = key.keyID
                change.signingKeys = [key] + (turn == nil ? [try seal.newSigningKey(at: now)] : [])
                return (change, turn == nil ? .replaced : .calledOff)
            case .verifying(let until): return (nil, .verifies(until: until))
            case .retired: throw KeyRefusal.isRetired
            case .revoked: throw KeyRefusal.wasRevoked
            }
        }.0
    }
}
