import Foundation
import SignetClientNIO
import SignetTokens
import Testing

extension Story {
    @Suite("A client that dies anywhere in a renewal")
    struct ClientKilledAnywhereTests {
        /// Two machines at a time, each with every second death.
        private static let lanes = 2
        /// A moment in the store may have some digits more in another run.
        private static let spare = 4

        @Test("at whichever step and byte it is killed, the session goes on, however late: no window helps it")
        func goesOn() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<Self.lanes { group.addTask { try await dieEverywhere(lane) } }
                try await group.waitForAll()
            }
        }

        private func dieEverywhere(_ lane: Int) async throws {
            try await Installation.make { signet in
                let client = EndClient(in: signet.folder)
                // With a window of no time every repeat comes after its end, as it does when the device lay in a drawer for weeks.
                try await signet.serve(["--window", "0s"], logLevel: "error") { _ in
                    try await signet.addUser()
                    try await client.login(at: signet.issuer)
                    let transport = AsyncHTTPClientTransport()
                    try await MortalProcess.run(
                        ["token"], environment: client.environment, folder: (client.store as NSString).deletingLastPathComponent,
                        port: signet.port
                    ) { token in
                        let whole = try await undisturbed(token, client)
                        let steps = whole.steps + whole.stepsBeyond(Self.spare)
                        var deaths = 0
                        for (number, step) in steps.enumerated() where number % Self.lanes == lane {
                            let before = try client.standing
                            try client.expireAccessToken()
                            let life = try await token.live(doom: step)
                            if life.end == .atStep { deaths += 1 } else { #expect(life.isWithout(step), "\(step)") }
                            try expectDurableKey(client, life, step)

                            try await client.accessToken(from: signet.issuer, by: transport)

                            let after = try client.standing
                            #expect(after == before.renewed, "died at \(step)")
                            #expect(try client.storedKey == nil)
                            #expect(try client.modes == ["600", "700"])
                        }
                        #expect(deaths >= whole.steps.count / Self.lanes - Self.spare)
                        print("client lane", lane, "deaths", deaths, "of", whole.steps.count)
                    }
                    let live = try await signet.listed("session", "list")["sessions"]?.array
                    #expect(live?.count == 1)
                }
            }
        }

        /// A renewal that nobody disturbs; what it did must be what a renewal consists of, or the deaths would miss something.
        private func undisturbed(_ token: MortalProcess, _ client: EndClient) async throws -> MortalLife {
            let before = try client.standing
            try client.expireAccessToken()
            let whole = try await token.live()
            #expect(whole.end == .status(0))
            #expect(try client.standing == before.renewed)

            let size = try FileManager.default.attributesOfItem(atPath: client.store)[.size] as? Int
            let written = whole.calls.filter { $0.is("write", "tokens.json.new") }.map(\.bytes)
            try #require(written.count == 2)
            #expect(written[1] == size)
            // The draft of the same session with a key of 64 characters, a member of its own.
            #expect(written[0] > written[1] + 40)
            let session = try client.stored
            let refreshToken = try #require(session["refresh_token"]?.string).utf8.count
            let accessToken = try #require(session["access_token"]?.string).utf8.count
            let sent = whole.calls.filter { $0.is("write", "connection") }.map(\.bytes)
            let received = whole.calls.filter { $0.is("read", "connection") }.map(\.bytes)
            #expect(sent.count == 1 && sent.reduce(0, +) > refreshToken + 64)
            #expect(received.count == 1 && received.reduce(0, +) > refreshToken + accessToken)
            try expectDurableKey(client, whole, nil)
            return whole
        }

        /// Whenever a first byte may have left, the key was written whole, synced, put in place, and its folder synced.
        private func expectDurableKey(_ client: EndClient, _ life: MortalLife, _ step: Step?) throws {
            let died = step.map { "died at \($0)" } ?? "undisturbed"
            guard let connected = life.index(of: "connect", "connection") else {
                #expect(!life.calls.contains { $0.place == "connection" }, "\(died)")
                return
            }
            let order = [
                ("write", "tokens.json.new"), ("fsync", "tokens.json.new"), ("rename", "tokens.json"), ("fsync", "."),
            ]
            var next = 0
            for (name, place) in order {
                let index = life.index(of: name, place, from: next)
                next = try #require(index, "\(name) \(place), \(died)") + 1
            }
            #expect(next <= connected, "\(died)")
        }
    }
}
