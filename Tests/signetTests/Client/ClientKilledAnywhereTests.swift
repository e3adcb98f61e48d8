import Foundation
import SignetClient
import SignetTokens
import Testing

@testable import signet

extension Story {
    @Suite("A client that dies anywhere in a renewal")
    struct ClientKilledAnywhereTests {
        /// A moment in the store may have some digits more in another run.
        private static let spare = 4

        @Test("at whichever step and byte it is killed, the session goes on, however late: no window helps it")
        func goesOn() async throws {
            try await inLanes { isMine in
                try await Installation.make { signet in
                    let client = EndClient(in: signet.folder)
                    // With a window of no time every repeat comes after its end, as after weeks in a drawer.
                    try await signet.serve(["--window", "0s"], logLevel: "error") { _ in
                        try await signet.addUser()
                        try await client.login(at: signet.issuer)
                        let folder = URL(fileURLWithPath: client.store).deletingLastPathComponent().path
                        try await MortalProcess.run(
                            ["token"], environment: client.environment, folder: folder, port: signet.port
                        ) { token in
                            try await dieEverywhere(token, signet, client, isMine)
                        }
                        let live = try await signet.listed("session", "list")["sessions"]?.array
                        #expect(live?.count == 1)
                    }
                }
            }
        }

        private func dieEverywhere(
            _ token: MortalProcess, _ signet: Installation, _ client: EndClient, _ isMine: (Int) -> Bool
        ) async throws {
            let whole = try await undisturbed(token, client)
            let transport = CommandTransport()
            var cases = 0
            var deaths = 0
            for (number, step) in (whole.steps + whole.stepsBeyond(Self.spare)).enumerated() where isMine(number) {
                let before = try client.standing
                try client.expireAccessToken()
                let life = try await token.live(doom: step)
                let isPast = life.end == .status(0) && life.isWithout(step)
                #expect(life.end == .atStep || isPast, "\(step)")
                cases += 1
                if life.end == .atStep { deaths += 1 }
                try expectDurableKey(client, life, step)

                try await client.accessToken(from: signet.issuer, by: transport)

                #expect(try client.standing == before.renewed, "died at \(step)")
                #expect(try client.storedKey == nil)
                #expect(try client.modes == ["600", "700"])
            }
            // Request, answer and two files with some steps too many each.
            #expect(deaths >= cases - 4 * Self.spare)
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
            #expect(whole.moved("write", "connection") > refreshToken + 64)
            #expect(whole.moved("read", "connection") > refreshToken + accessToken)
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
