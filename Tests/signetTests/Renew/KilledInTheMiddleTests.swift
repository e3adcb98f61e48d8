import Foundation
import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("A server that dies in the middle of renewals")
    struct KilledInTheMiddleTests {
        private static let seed: UInt64 = 20_261
        private static let deaths = 25

        @Test("every client goes on after each of 25 deaths by kill -9, and no token ever has two successors")
        func goesOn() async throws {
            try await Installation.make { signet in
                let successions = Successions()
                let clients = try await signedIn(at: signet, successions)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in clients {
                        group.addTask { try await client.keepRenewing() }
                    }
                    try await killAgainAndAgain(signet, successions)

                    try await signet.serve(["--window", "30s"]) { _ in
                        // Everybody has to be answered by the server that lives; whoever was signed out never is.
                        let isServed = try await everybodyRenews(clients)
                        #expect(isServed, "seed \(Self.seed)")
                        for client in clients { await client.stop() }
                        try await group.waitForAll()

                        try await expectAlive(clients, at: signet)
                    }
                }

                #expect(successions.forks == 0, "seed \(Self.seed)")
                #expect(successions.count > Self.deaths * 4)
                #expect(successions.lost >= Self.deaths, "the deaths were to hit clients in the middle of a renewal")
            }
        }

        /// Eight clients with idempotency keys and two without, each with a session of its own.
        private func signedIn(at signet: Installation, _ successions: Successions) async throws -> [HonestClient] {
            try await signet.serve { _ in
                try await signet.addUser()
                var clients: [HonestClient] = []
                for number in 0..<10 {
                    let keys = number < 8 ? seededRandomBytes(Self.seed + UInt64(number)) : nil
                    clients.append(
                        HonestClient(try await signet.signIn(), port: signet.port, keys: keys, successions: successions))
                }
                return clients
            }
        }

        private func killAgainAndAgain(_ signet: Installation, _ successions: Successions) async throws {
            var generator = SplitMix64(seed: Self.seed)
            for _ in 0..<Self.deaths {
                // Keyless clients rotate again only when the window is over, hence a short one.
                try await signet.serve(["--window", "30s"]) { server in
                    let enough = successions.attempts + Int.random(in: 1...60, using: &generator)
                    let pause = Duration.microseconds(Int.random(in: 0...8_000, using: &generator))
                    _ = try await eventually { successions.attempts >= enough }
                    // What makes the moment a random one: anywhere between a request's arrival, its commit and its answer.
                    try await Task.sleep(for: pause)
                    server.signal(SIGKILL)
                    let exit = try await server.exit()
                    #expect(exit == .signal(SIGKILL))
                }
            }
        }

        /// Each session lives, and the database and the client agree on how often it was rotated.
        private func expectAlive(_ clients: [HonestClient], at signet: Installation) async throws {
            let live = try await signet.listed("session", "list")["sessions"]?.array?.compactMap(\.object) ?? []
            let stored = Dictionary(uniqueKeysWithValues: live.map { ($0["id"]?.string ?? "", $0["generation"]?.integer) })
            #expect(stored.count == clients.count)
            for client in clients {
                let tokens = await client.tokens
                let generation = try Int64(tokens.generation)
                #expect(stored[tokens.sessionID] == generation)
            }
        }

        private func everybodyRenews(_ clients: [HonestClient]) async throws -> Bool {
            var goals: [(client: HonestClient, renewals: Int)] = []
            for client in clients { goals.append((client, await client.renewals + 2)) }
            return try await eventually {
                for goal in goals where await goal.client.renewals < goal.renewals { return false }
                return true
            }
        }
    }
}
