import SignetTestKit
import SignetTokens
import Testing

/// One line of DESIGN.md's table, or one edge of it: a row, what is presented to it, and what must become of it.
///
/// Left as it is, it is the plain case: the live token of generation 3, keyless, 10 s after a keyless rotation.
struct RenewalSituation: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var expected: RotationDecision

    var rowGeneration: UInt32 = 3
    var rotationKey: UInt64?
    var sinceRotation: Duration = .seconds(10)
    var recoveredIn: RecoveryID?
    var ending: SessionEnd?

    var generation: UInt32 = 3
    /// Whether the token's value is the one that the row knows for its generation.
    var isKnownValue = true
    var key: UInt64?
    var isOwnRepeat = false

    var policy = RenewalPolicy(idleLifetime: nil, absoluteLifetime: nil)
    var recovery = Recovery.undecided

    init(_ description: String, _ expected: RotationDecision, _ change: (inout Self) -> Void = { _ in }) {
        testDescription = description
        self.expected = expected
        change(&self)
    }

    static let rotatedAt = UnixTime.sometime

    var row: SessionRow {
        var row = SessionRow.fresh
        row.generation = rowGeneration
        row.current = Self.hash(ofGeneration: rowGeneration)
        row.previous = rowGeneration > 0 ? Self.hash(ofGeneration: rowGeneration - 1) : nil
        row.rotatedAt = Self.rotatedAt
        row.lastRenewedAt = Self.rotatedAt
        row.rotationKey = rotationKey.map { modelHash($0) }
        row.rotationNonce = rowGeneration > 0 ? modelNonce(1) : nil
        row.recoveredIn = recoveredIn
        row.ending = ending
        return row
    }

    var presented: PresentedToken {
        var presented = PresentedToken(FreshSession().token, nonce: modelNonce(isOwnRepeat ? 1 : 2))
        presented.generation = generation
        presented.hash = isKnownValue ? Self.hash(ofGeneration: generation) : modelHash(0xBAD)
        presented.idempotencyKey = key.map { modelHash($0) }
        return presented
    }

    var now: UnixTime { Self.rotatedAt.advanced(by: sinceRotation) }

    var decision: RotationDecision {
        SessionRow.decision(for: presented, row: row, policy: policy, recovery: recovery, now: now)
    }

    private static func hash(ofGeneration generation: UInt32) -> TokenHash {
        modelHash(1000 + UInt64(generation))
    }
}

extension RecoveryID {
    static let first = RecoveryID.random(seededRandomBytes(1))
    static let second = RecoveryID.random(seededRandomBytes(2))
}
