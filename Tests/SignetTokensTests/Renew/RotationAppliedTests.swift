import SignetTestKit
import SignetTokens
import Testing

@Suite("The row after a decision")
struct RotationAppliedTests {
    @Test("a rotation moves everything that belongs to it and nothing else")
    func rotate() {
        var expected = Self.row
        expected.previous = Self.presented.hash
        expected.current = Self.successor
        expected.generation = 4
        expected.keyVersion = 9
        expected.rotatedAt = Self.now
        expected.lastRenewedAt = Self.now
        expected.rotationKey = modelHash(7)
        expected.rotationNonce = modelNonce(2)

        #expect(Self.after(.rotate(to: 4)) == expected)
    }

    @Test("a keyless rotation forgets the key of the one before")
    func keylessRotation() {
        var presented = Self.presented
        presented.idempotencyKey = nil

        #expect(Self.after(.rotate(to: 4), presented).rotationKey == nil)
    }

    @Test("a recovery also remembers that it was used")
    func recover() {
        let row = Self.after(.recover(to: 9, in: .second))

        #expect(row.generation == 9)
        #expect(row.current == Self.successor)
        #expect(row.previous == Self.presented.hash)
        #expect(row.recoveredIn == .second)
    }

    @Test("a rotation leaves the mark of an earlier recovery")
    func rotateAfterRecovery() {
        #expect(Self.after(.rotate(to: 4)).recoveredIn == .first)
    }

    @Test(
        "a kept or repeated token writes the last renewal at most once a minute, and nothing else",
        arguments: [RotationDecision.keepToken, .repeatSuccessor],
        [(-1, false), (0, false), (59_999, false), (60_000, true), (90_000, true)] as [(Int64, Bool)]
    )
    func renewed(_ decision: RotationDecision, since: (milliseconds: Int64, isWritten: Bool)) {
        let now = Self.row.lastRenewedAt.advanced(by: .milliseconds(since.milliseconds))
        var expected = Self.row
        if since.isWritten { expected.lastRenewedAt = now }

        #expect(Self.after(decision, now: now) == expected)
    }

    @Test("a repeat does not extend the window")
    func windowStays() {
        #expect(Self.after(.repeatSuccessor).rotatedAt == Self.row.rotatedAt)
    }

    @Test("reuse ends the session, and leaves its tokens as they were for whoever looks into it")
    func revoke() {
        var expected = Self.row
        expected.ending = .reused

        #expect(Self.after(.revoke) == expected)
    }

    @Test(
        "everything else leaves the row alone",
        arguments: [
            .tryAgain, .ahead, .declined, .staleIdempotencyKey, .refuse(.unknown), .refuse(.signedOut), .mismatch(.client),
            .mismatch(.scope),
        ] as [RotationDecision]
    )
    func unchanged(_ decision: RotationDecision) {
        #expect(Self.after(decision) == Self.row)
    }

    @Test("what follows from a decision is what the next one sees")
    func story() {
        let session = FreshSession()
        let policy = RenewalPolicy()
        var row = session.row
        func present(_ generation: UInt32, key: UInt64?, at seconds: Int64) -> RotationDecision {
            let token = session.token(ofGeneration: generation)
            let presented = PresentedToken(
                token, idempotencyKey: key.map { .seeded($0) }, nonce: .seeded(UInt64(seconds) + 1000))
            let now = UnixTime.sometime.advanced(by: .seconds(seconds))
            let decision = SessionRow.decision(for: presented, row: row, policy: policy, now: now)
            let successor = token.successor(under: session.key, salt: session.salt)
            row = row.applying(
                decision, of: presented, successor: successor.hash, keyVersion: session.key.version, now: now)
            return decision
        }

        #expect(present(0, key: 1, at: 0) == .rotate(to: 1))
        #expect(present(0, key: 1, at: 9000) == .repeatSuccessor)
        #expect(present(1, key: 2, at: 9001) == .rotate(to: 2))
        #expect(present(1, key: 3, at: 9002) == .tryAgain)
        #expect(present(2, key: 4, at: 9003) == .rotate(to: 3))
        #expect(present(1, key: 2, at: 9004) == .revoke)
        #expect(present(3, key: 5, at: 9005) == .refuse(.reused))
    }

    private static let now = UnixTime.sometime.advanced(by: .seconds(10))
    private static let successor: TokenHash = modelHash(5000)

    private static var row: SessionRow {
        RenewalSituation("", .revoke) {
            $0.rotationKey = 6
            $0.recoveredIn = .first
        }.row
    }

    private static var presented: PresentedToken {
        RenewalSituation("", .revoke) { $0.key = 7 }.presented
    }

    private static func after(
        _ decision: RotationDecision, _ presented: PresentedToken = presented, now: UnixTime = now
    ) -> SessionRow {
        row.applying(decision, of: presented, successor: successor, keyVersion: 9, now: now)
    }
}
