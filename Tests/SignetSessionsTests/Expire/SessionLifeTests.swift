import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

private let day: Duration = .seconds(86_400)

private func after(_ duration: Duration) -> UnixTime { .sometime.advanced(by: duration) }

@Suite("How long a session lives, and its row after it")
struct SessionLifeTests {
    private let policy = RenewalPolicy(idleLifetime: day * 30, absoluteLifetime: day * 365)
    private let fresh = SessionLife(createdAt: .sometime, lastRenewedAt: .sometime)

    @Test("the earliest of its ends counts")
    func endsAt() {
        #expect(fresh.endsAt(policy) == .sometime.advanced(by: day * 30))
        #expect(with(renewedAfter: day * 360).endsAt(policy) == .sometime.advanced(by: day * 365))
        #expect(with(endedAfter: day * 2, clientRemovedAfter: day * 3).endsAt(policy) == after(day * 2))
        #expect(with(endedAfter: day * 4, clientRemovedAfter: day * 3).endsAt(policy) == after(day * 3))
        #expect(with(endedAfter: day * 31).endsAt(policy) == after(day * 30))
        #expect(fresh.endsAt(RenewalPolicy(idleLifetime: nil, absoluteLifetime: nil)) == nil)
    }

    @Test(
        "its row may be removed from the very moment at which the retention is over, whatever ended it",
        arguments: [
            (SessionLife(createdAt: .sometime, lastRenewedAt: .sometime), day * 30),
            (SessionLife(createdAt: .sometime, lastRenewedAt: .sometime, endedAt: after(day)), day),
            (SessionLife(createdAt: .sometime, lastRenewedAt: .sometime, clientRemovedAt: after(day * 2)), day * 2),
            (SessionLife(createdAt: .sometime, lastRenewedAt: after(day * 350)), day * 365),
            // A clock that was set back, or a lifetime that was shortened: the last renewal counts.
            (SessionLife(createdAt: .sometime, lastRenewedAt: after(day * 9), endedAt: after(day)), day * 9),
            (SessionLife(createdAt: .sometime, lastRenewedAt: after(day * 400)), day * 400),
        ])
    func isForgettable(life: SessionLife, deadAfter death: Duration) {
        let moment = after(death + day * 7)

        #expect(!life.isForgettable(deadFor: day * 7, policy: policy, now: moment.advanced(by: .milliseconds(-1))))
        #expect(life.isForgettable(deadFor: day * 7, policy: policy, now: moment))
    }

    @Test("a live session is never removed, though the retention be nothing")
    func live() {
        #expect(!fresh.isForgettable(deadFor: .zero, policy: policy, now: after(day * 30).advanced(by: .milliseconds(-1))))
        let endless = RenewalPolicy(idleLifetime: nil, absoluteLifetime: nil)
        #expect(!fresh.isForgettable(deadFor: .zero, policy: endless, now: UnixTime(milliseconds: .max)))
    }

    @Test("the shortest retention outlasts every access token and every revocation, with the coarseness of renewals")
    func shortest() {
        // An unrotated token's renewal is written down once a minute.
        #expect(SessionLife.shortestRetention > Revocation.memory + .seconds(60))

        let ended = with(endedAfter: .zero)
        let shortest = after(SessionLife.shortestRetention)
        #expect(!ended.isForgettable(deadFor: .zero, policy: policy, now: shortest.advanced(by: .milliseconds(-1))))
        #expect(ended.isForgettable(deadFor: .zero, policy: policy, now: shortest))
    }

    private func with(
        renewedAfter: Duration = .zero, endedAfter: Duration? = nil, clientRemovedAfter: Duration? = nil
    ) -> SessionLife {
        SessionLife(
            createdAt: .sometime, lastRenewedAt: after(renewedAfter), endedAt: endedAfter.map(after),
            clientRemovedAt: clientRemovedAfter.map(after))
    }
}
