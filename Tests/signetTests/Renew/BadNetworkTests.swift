import SignetTestKit
import SignetTokens
import Testing

@testable import signet

extension Story {
    @Suite("A network that loses, delays, cuts and repeats")
    struct BadNetworkTests {
        private static let seed: UInt64 = 77_003
        private static let renewals = 60

        @Test("nobody is signed out over some hundred renewals, and no token ever has two successors")
        func survives() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let plan = FaultPlan(seed: Self.seed, share: 0.6)
                    try await FaultyProxy.run(to: signet.port, plan: plan) { proxy in
                        let successions = Successions()
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for number in 0..<6 {
                                // The last one sends no key: inside the window it is as safe.
                                let keys = number < 5 ? seededRandomBytes(Self.seed + UInt64(number)) : nil
                                let client = HonestClient(
                                    try await signet.signIn(), port: proxy.port, keys: keys, successions: successions)
                                group.addTask {
                                    for _ in 0..<Self.renewals { try await client.renew() }
                                }
                            }
                            try await group.waitForAll()
                        }

                        #expect(successions.forks == 0, "seed \(Self.seed)")
                        #expect(successions.count == 5 * Self.renewals + 1)
                        #expect(successions.lost >= 100)
                        let repeats = proxy.met.filter(\.isRepeat).count
                        #expect(repeats > 50)
                        let live = try await signet.listed("session", "list")["sessions"]?.array
                        #expect(live?.count == 6)
                    }
                }
            }
        }
    }
}
