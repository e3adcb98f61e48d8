import SignetTokens
import Testing

@testable import SignetSessions

@Suite("A client's policy")
struct ClientPolicyTests {
    @Test("takes from the server's defaults what it leaves open, and only that")
    func resolves() {
        let defaults = PolicyDefaults(
            accessLifetime: .seconds(60), idleLifetime: .limited(.seconds(600)), absoluteLifetime: .never, window: .seconds(5))

        let open = ClientPolicy().resolved(with: defaults)
        let own = ClientPolicy(
            rotates: false, window: .zero, accessLifetime: .seconds(1), idleLifetime: .never,
            absoluteLifetime: .limited(.seconds(7))
        ).resolved(with: defaults)

        #expect(open.accessLifetime == .seconds(60))
        #expect(open.renewal == RenewalPolicy(window: .seconds(5), idleLifetime: .seconds(600), absoluteLifetime: nil))
        #expect(own.accessLifetime == .seconds(1))
        #expect(own.renewal == RenewalPolicy(rotates: false, window: .zero, idleLifetime: nil, absoluteLifetime: .seconds(7)))
    }

    @Test("of every built-in client can be kept")
    func builtIn() {
        for client in Client.builtIn(createdAt: UnixTime(seconds: 0)) {
            #expect(client.policy(with: PolicyDefaults()).objection == nil)
            #expect(client.policy(with: PolicyDefaults()).renewal.isAllowed)
        }
    }

    @Test(
        "is held within its bounds",
        arguments: [
            (1, 60, 1, 1, true), (0, 60, 600, 600, false), (3600, 60, 3600, 3600, true), (3601, 60, 7200, 7200, false),
            (300, 0, 300, 300, true), (300, 3600, 300, 300, true), (300, 3601, 7200, 7200, false), (300, 60, 299, 600, false),
            (300, 60, 600, 599, false), (300, 60, nil, nil, true), (300, 60, 600, nil, true), (300, 60, nil, 600, false),
        ] as [(Int, Int, Int?, Int?, Bool)])
    func bounds(access: Int, window: Int, idle: Int?, absolute: Int?, isKept: Bool) {
        let policy = ResolvedPolicy(
            accessLifetime: .seconds(access),
            renewal: RenewalPolicy(
                window: .seconds(window), idleLifetime: idle.map { .seconds($0) }, absoluteLifetime: absolute.map { .seconds($0) }
            )
        )

        #expect((policy.objection == nil) == isKept)
    }
}
