import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import signet

extension Story {
    @Suite("A client that dies in the middle of a renewal")
    struct KilledClientTests {
        private static let seed: UInt64 = 4_011
        private static let deaths = 24
        /// How many of them are to hit a renewal that the server has seen; a busy machine misses some, and has more deaths to try.
        private static let inTheMiddle = 5
        private static let mostDeaths = 120

        @Test("after each of 24 deaths and more by kill -9, the next command goes on with the same session")
        func goesOn() async throws {
            try await Installation.make { signet in
                let client = EndClient(in: signet.folder)
                try await signet.serve { _ in
                    try await signet.addUser()
                    // Answers that take a moment longer leave more moments to die in.
                    let plan = FaultPlan(Array(repeating: .delayAnswer(.milliseconds(20)), count: 1_000))
                    try await FaultyProxy.run(to: signet.port, plan: plan) { proxy in
                        try await client.login(at: "http://127.0.0.1:\(proxy.port)")
                        let session = try client.stored["session_id"]
                        let life = try await duration { try await expectToken(client) }
                        var generator = SplitMix64(seed: Self.seed)
                        var inTheMiddle = 0
                        for death in 0..<Self.mostDeaths where death < Self.deaths || inTheMiddle < Self.inTheMiddle {
                            try client.expireAccessToken()
                            let generation = try client.generation
                            let asked = proxy.met.count
                            try await SignetProcess.run("signet", ["token"], environment: client.environment) { process in
                                if death.isMultiple(of: 2) {
                                    // Anywhere in its life.
                                    try await Task.sleep(for: life * Double.random(in: 0...1.5, using: &generator))
                                } else {
                                    // While its question is on the way, decided, answered, or written down.
                                    _ = try await eventually { proxy.met.count > asked }
                                    try await Task.sleep(for: .microseconds(Int.random(in: 0...30_000, using: &generator)))
                                }
                                process.signal(SIGKILL)
                                _ = try await process.exit()
                            }
                            if proxy.met.count > asked, try client.generation == generation { inTheMiddle += 1 }

                            try await expectToken(client)
                            #expect(try client.stored["session_id"] == session, "seed \(Self.seed), death \(death)")
                            #expect(try client.generation == generation + 1, "seed \(Self.seed), death \(death)")
                            #expect(try client.modes == ["600", "700"])
                        }
                        #expect(inTheMiddle >= Self.inTheMiddle, "the deaths were to hit renewals that the server had seen")
                    }
                    let live = try await signet.listed("session", "list")["sessions"]?.array
                    #expect(live?.count == 1)
                }
            }
        }

        private func expectToken(_ client: EndClient) async throws {
            let outcome = try await client("token")
            #expect(outcome.exit == .status(0), "\(outcome.errors)")
        }

        private func duration(of body: () async throws -> Void) async throws -> Duration {
            let start = ContinuousClock.now
            try await body()
            return ContinuousClock.now - start
        }
    }
}
