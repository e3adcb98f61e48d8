import Foundation
import NIOCore
import NIOPosix
import SignetClientNIO
import SignetTokens
import Testing

extension Story {
    @Suite("A server that dies anywhere in a renewal")
    struct ServerKilledAnywhereTests {
        /// A new one for each renewal, for opening a connection is a step, too.
        private var transport: AsyncHTTPClientTransport { AsyncHTTPClientTransport() }

        @Test("at whichever step and byte it is killed, the client goes on with the server that comes after it")
        func goesOn() async throws {
            try await inLanes { isMine in
                try await Installation.make { signet in
                    let client = EndClient(in: signet.folder)
                    try await signet.serve(logLevel: "error") { _ in
                        try await signet.addUser()
                        try await client.login(at: signet.issuer)
                    }
                    // With a window of no time only the key makes a repeat harmless.
                    let arguments = signet.serving(["--window", "0s"], logLevel: "error")
                    try await MortalProcess.run(arguments, folder: signet.folder, port: signet.port) { server in
                        try await server.serve()
                        let steps = try await steps(of: server, signet, client)
                        var standing = try client.standing
                        for step in steps where isMine(step.byte) {
                            let life = try await dying(at: step, server, signet, client)
                            let isDead = life.end == .atStep
                            #expect(isDead, "\(step)")
                            expectDurableAnswer(life, step)
                            let after = try client.standing
                            #expect(after == standing.renewed, "died at \(step)")
                            standing = after
                        }
                    }
                    try await expectOneSession(signet, client)
                }
            }
        }

        /// Every moment of a renewal in which the server can be cut off.
        private func steps(of server: MortalProcess, _ signet: Installation, _ client: EndClient) async throws -> [Step] {
            // Its other work, such as a report to the other servers every ten seconds, may fall into one renewal, and hardly into two.
            var traces: [[Step]] = []
            repeat {
                try await quiet(server)
                try await server.doom(nil)
                try client.expireAccessToken()
                try await client.accessToken(from: signet.issuer, by: transport)
                try await quiet(server)
                let life = try await server.soFar()
                expectDurableAnswer(life, nil)
                let session = try client.stored
                let tokens = ["refresh_token", "access_token"].compactMap { session[$0]?.string?.utf8.count }
                #expect(life.moved("read", "connection") > tokens[0] + 64)
                #expect(life.moved("write", "connection") > tokens[0] + tokens[1])
                traces.append(life.steps.filter(isOfRenewal))
            } while traces.count < 2 || traces[traces.count - 1] != traces[traces.count - 2]
            let steps = traces[traces.count - 1]
            let calls = Set(steps.map { "\($0.call) \($0.place)" })
            try #require(
                calls.isSuperset(of: [
                    "accept door", "read connection", "lock signet.db-shm", "pwrite signet.db-wal", "fsync signet.db-wal",
                    "write connection", "close connection",
                ]), "\(calls)")
            return steps
        }

        /// The locks after the first are those of readers who notice the change; dying there leaves nothing behind.
        private func isOfRenewal(_ step: Step) -> Bool {
            step.call != "lock" || step.number == 1
        }

        /// One renewal in which the server dies, and comes back while the client pauses before it asks again.
        private func dying(
            at step: Step, _ server: MortalProcess, _ signet: Installation, _ client: EndClient
        ) async throws -> MortalLife {
            try await quiet(server)
            try client.expireAccessToken()
            try await server.doom(step)
            let back = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
            async let renewed: Void = client.accessToken(
                from: signet.issuer, by: transport, clock: PauseClock { try await back.futureResult.get() })
            let life: MortalLife
            do {
                life = try await server.end()
                try await server.serve()
                back.succeed()
            } catch {
                back.fail(error)
                throw error
            }
            try await renewed
            return life
        }

        /// Waits until the server has closed every connection, so that nothing of an earlier renewal is taken for the next one's.
        private func quiet(_ server: MortalProcess) async throws {
            let isQuiet = try await eventually(every: .milliseconds(1)) {
                let calls = try await server.soFar().calls
                return calls.count { $0.is("accept", "door") } <= calls.count { $0.is("close", "connection") }
            }
            #expect(isQuiet)
        }

        /// No byte of an answer leaves before the renewal is synced.
        private func expectDurableAnswer(_ life: MortalLife, _ step: Step?) {
            let answered = life.index(of: "write", "connection") ?? life.calls.count
            guard answered < life.calls.count || step?.call == "write" else { return }
            let synced = life.index(of: "fsync", "signet.db-wal") ?? Int.max
            #expect(synced < answered, "died at \(String(describing: step))")
        }

        private func expectOneSession(_ signet: Installation, _ client: EndClient) async throws {
            let live = try await signet.listed("session", "list")["sessions"]?.array?.compactMap(\.object) ?? []
            #expect(live.count == 1)
            #expect(live.first?["generation"]?.integer == Int64(try client.generation))
        }
    }
}
