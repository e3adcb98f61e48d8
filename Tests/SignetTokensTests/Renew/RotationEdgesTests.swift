import SignetTestKit
import SignetTokens
import Testing

@Suite("The edges of window and lifetimes")
struct RotationEdgesTests {
    @Test(
        "the window is open for exactly its length",
        arguments: [
            (window: .seconds(60), since: .zero, isOpen: true),
            (.seconds(60), .milliseconds(59_999), true),
            (.seconds(60), .seconds(60), false),
            (.seconds(60), .milliseconds(60_001), false),
            (.milliseconds(1), .zero, true),
            (.milliseconds(1), .milliseconds(1), false),
            // Zero is strict, and so is whatever is less.
            (.zero, .zero, false),
            (.zero, .milliseconds(-1), false),
            (.seconds(-60), .seconds(-120), false),
            // A clock that was set back shows a moment before the rotation: the window is not over.
            (.seconds(60), .seconds(-1), true),
            (.seconds(60), .seconds(-1_000_000), true),
            // Nothing overflows.
            (.seconds(Int64.max), .seconds(1_000_000), true),
        ] as [(window: Duration, since: Duration, isOpen: Bool)]
    )
    func window(window: Duration, since: Duration, isOpen: Bool) {
        func decision(presenting generation: UInt32, rotationKey: UInt64? = nil) -> RotationDecision {
            RenewalSituation("", .keepToken) {
                $0.policy.window = window
                $0.sinceRotation = since
                $0.generation = generation
                $0.rotationKey = rotationKey
            }.decision
        }

        #expect(decision(presenting: 3) == (isOpen ? .keepToken : .rotate(to: 4)))
        #expect(decision(presenting: 2) == (isOpen ? .repeatSuccessor : .revoke))
        #expect(decision(presenting: 2, rotationKey: 7) == (isOpen ? .tryAgain : .revoke))
    }

    @Test(
        "the idle lifetime counts from the last renewal and ends at its very moment",
        arguments: [(-1, nil), (0, .idleExpired), (1, .idleExpired)] as [(Int64, SessionEnd?)]
    )
    func idle(offset: Int64, ending: SessionEnd?) {
        let policy = RenewalPolicy(idleLifetime: .seconds(3600), absoluteLifetime: nil)
        var row = SessionRow.fresh
        row.lastRenewedAt = row.createdAt.advanced(by: .seconds(500))
        let now = row.lastRenewedAt.advanced(by: .seconds(3600)).advanced(by: .milliseconds(offset))

        #expect(Self.decision(row, policy, now) == (ending.map(RotationDecision.refuse) ?? .rotate(to: 1)))
    }

    @Test(
        "the absolute lifetime counts from the sign-in, however busy the session is",
        arguments: [(-1, nil), (0, .expired), (1, .expired)] as [(Int64, SessionEnd?)]
    )
    func absolute(offset: Int64, ending: SessionEnd?) {
        let policy = RenewalPolicy(idleLifetime: .seconds(3600), absoluteLifetime: .seconds(7200))
        var row = SessionRow.fresh
        row.lastRenewedAt = row.createdAt.advanced(by: .seconds(7100))
        let now = row.createdAt.advanced(by: .seconds(7200)).advanced(by: .milliseconds(offset))

        #expect(Self.decision(row, policy, now) == (ending.map(RotationDecision.refuse) ?? .rotate(to: 1)))
    }

    @Test("without lifetimes a session lives for ever")
    func forEver() {
        let policy = RenewalPolicy(idleLifetime: nil, absoluteLifetime: nil)

        #expect(Self.decision(.fresh, policy, UnixTime(milliseconds: .max)) == .rotate(to: 1))
        #expect(policy.expiresAt(createdAt: .sometime, lastRenewedAt: .sometime) == nil)
    }

    @Test("a clock that was set back ends no session")
    func setBack() {
        #expect(Self.decision(.fresh, RenewalPolicy(), UnixTime(milliseconds: .min)) == .rotate(to: 1))
    }

    @Test("lifetimes beyond the end of time do not trap")
    func beyondTime() {
        let policy = RenewalPolicy(idleLifetime: .seconds(Int64.max), absoluteLifetime: .seconds(Int64.max))

        #expect(Self.decision(.fresh, policy, .sometime) == .rotate(to: 1))
    }

    @Test("a session expires at the earlier of its two lifetimes")
    func earlier() {
        let policy = RenewalPolicy(idleLifetime: .seconds(100), absoluteLifetime: .seconds(150))
        let created = UnixTime.sometime

        #expect(policy.expiresAt(createdAt: created, lastRenewedAt: created) == created.advanced(by: .seconds(100)))
        let renewed = created.advanced(by: .seconds(90))
        #expect(policy.expiresAt(createdAt: created, lastRenewedAt: renewed) == created.advanced(by: .seconds(150)))
    }

    private static func decision(_ row: SessionRow, _ policy: RenewalPolicy, _ now: UnixTime) -> RotationDecision {
        let presented = PresentedToken(FreshSession().token, nonce: .seeded(1))
        return SessionRow.decision(for: presented, row: row, policy: policy, now: now)
    }
}
