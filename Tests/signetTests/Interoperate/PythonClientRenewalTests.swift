import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import signet

extension Story {
    @Suite("A client in Python whose network and whose life are cut off")
    struct PythonClientRenewalTests {
        private static let seed: UInt64 = 31_013
        private static let renewals = 12
        private static let deaths = 16
        /// How many of them are to hit a renewal that the server has seen; a busy machine misses some, and has more deaths to try.
        private static let inTheMiddle = 4
        private static let mostDeaths = 80

        @Test("eight processes at once, with an expired token, share one renewal")
        func oneRenewal() async throws {
            try await withServer { signet, watch in
                let client = PythonClient(in: signet.folder)
                try await client.signIn(at: "http://127.0.0.1:\(watch.port)", client: "signet")
                try client.expireAccessToken()

                let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<8 { group.addTask { try await client.token() } }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }

                #expect(tokens.count == 1)
                #expect(watch.successions.attempts == 1)
                #expect(try client.generation == 1)
            }
        }

        @Test(
            "on a network that loses, delays, cuts and repeats, processes and threads renew one session, and nobody is signed out"
        )
        func badNetwork() async throws {
            try await withServer { signet, watch in
                let plan = FaultPlan(seed: Self.seed, share: 0.6)
                try await FaultyProxy.run(to: watch.port, plan: plan) { proxy in
                    let client = PythonClient(in: signet.folder)
                    try await client.signIn(at: "http://127.0.0.1:\(watch.port)", client: "signet")
                    // From here on through the bad network.
                    try client.move(to: "http://127.0.0.1:\(proxy.port)")
                    let program = """
                        from concurrent.futures import ThreadPoolExecutor
                        def renew(_):
                            token = client.access_token()
                            for _ in range(int(sys.argv[2])): token = client.access_token(rejected=token)
                        with ThreadPoolExecutor(2) as threads: list(threads.map(renew, range(2)))
                        """

                    try await withThrowingTaskGroup(of: SignetProcess.Outcome.self) { group in
                        for _ in 0..<4 { group.addTask { try await client.script(program, "\(Self.renewals)") } }
                        for try await outcome in group {
                            #expect(outcome.exit == .status(0), "seed \(Self.seed): \(outcome.errors)")
                        }
                    }

                    #expect(watch.successions.forks == 0, "seed \(Self.seed)")
                    #expect(watch.tokensWithoutOneKey == 0, "seed \(Self.seed)")
                    #expect(watch.successions.count >= Self.renewals)
                    #expect(try client.generation == UInt32(watch.successions.count))
                    #expect(Set(proxy.met).count > 6, "seed \(Self.seed)")
                    let live = try await signet.listed("session", "list")["sessions"]?.array
                    #expect(live?.count == 1)
                }
            }
        }

        @Test("after each of 16 deaths and more by kill -9, the next process goes on with the same session")
        func killed() async throws {
            try await withServer { signet, watch in
                // Answers that take a moment longer leave more moments to die in.
                let plan = FaultPlan(Array(repeating: .delayAnswer(.milliseconds(20)), count: 1_000))
                try await FaultyProxy.run(to: watch.port, plan: plan) { proxy in
                    let client = PythonClient(in: signet.folder)
                    try await client.signIn(at: "http://127.0.0.1:\(proxy.port)", client: "signet")
                    let session = try client.stored["session_id"]
                    let start = ContinuousClock.now
                    try await client.token()
                    let life = ContinuousClock.now - start
                    var generator = SplitMix64(seed: Self.seed)
                    var inTheMiddle = 0
                    for death in 0..<Self.mostDeaths where death < Self.deaths || inTheMiddle < Self.inTheMiddle {
                        try client.expireAccessToken()
                        let (generation, asked) = (try client.generation, proxy.met.count)
                        let command = try client.command(["token"])
                        try await SignetProcess.run(command.program, command.arguments) { process in
                            if death.isMultiple(of: 4) {
                                // Anywhere in its life.
                                try await Task.sleep(for: life * Double.random(in: 0...1.5, using: &generator))
                            } else {
                                // While its question is on the way, decided, answered, or written down.
                                _ = try await eventually(every: .milliseconds(1)) { proxy.met.count > asked }
                                try await Task.sleep(for: .microseconds(Int.random(in: 0...30_000, using: &generator)))
                            }
                            process.signal(SIGKILL)
                            _ = try await process.exit()
                        }
                        if proxy.met.count > asked, try client.generation == generation { inTheMiddle += 1 }

                        try await client.token("seed \(Self.seed), death \(death)")
                        #expect(try client.stored["session_id"] == session, "seed \(Self.seed), death \(death)")
                        #expect(try client.generation == generation + 1, "seed \(Self.seed), death \(death)")
                        #expect(try client.modes == ["600", "700"])
                    }
                    #expect(inTheMiddle >= Self.inTheMiddle, "the deaths were to hit renewals that the server had seen")
                    #expect(watch.tokensWithoutOneKey == 0, "seed \(Self.seed)")
                    #expect(watch.successions.forks == 0, "seed \(Self.seed)")
                }
            }
        }

        /// A server without a grace window, where only the key tells an honest client from a thief.
        private func withServer(_ body: (Installation, WatchedRenewals) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve(["--window", "0s"]) { _ in
                    try await signet.addUser()
                    try await WatchedRenewals.run(to: signet.port) { watch in try await body(signet, watch) }
                }
            }
        }
    }
}
