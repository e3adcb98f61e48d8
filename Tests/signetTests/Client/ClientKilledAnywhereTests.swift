import Foundation
import SignetClientNIO
import SignetTokens
import Testing

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
            let transport = AsyncHTTPClientTransport()
            var standing = try client.standing
            var cases = 0
            var deaths = 0
            for step in whole.steps + whole.stepsBeyond(Self.spare) where isMine(step.byte) {
                try client.expireAccessToken()
                let life = try await token.live(doom: step)
                let isDead = life.end == .atStep
                let isPast = life.end == .status(0) && life.isWithout(step)
                #expect(isDead || isPast, "\(step)")
                cases += 1
                if isDead { deaths += 1 }
                if isDead, step.call == "write", step.place == "tokens.json.new" {
                    #expect(try size(of: client.store + ".new") == step.byte)
                }
                try expectDurableKey(life, "died at \(step)")

                try await client.accessToken(from: signet.issuer, by: transport)

                let after = try client.standing
                #expect(after == standing.renewed, "died at \(step)")
                standing = after
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

            let written = whole.calls.filter { $0.is("write", "tokens.json.new") }.map(\.bytes)
            try #require(written.count == 2)
            #expect(try size(of: client.store) == written[1])
            // The draft of the same session with a key of 64 characters, a member of its own.
            #expect(written[0] > written[1] + 40)
            let session = try client.stored
            let refreshToken = try #require(session["refresh_token"]?.string).utf8.count
            let accessToken = try #require(session["access_token"]?.string).utf8.count
            #expect(whole.moved("write", "connection") > refreshToken + 64)
            #expect(whole.moved("read", "connection") > refreshToken + accessToken)
            try expectDurableKey(whole, "undisturbed")
            return whole
        }

        /// Whenever a first byte may have left, the key was written whole, synced, put in place, and its folder synced.
        private func expectDurableKey(_ life: MortalLife, _ comment: Comment) throws {
            guard let connected = life.index(of: "connect", "connection") else {
                let isSilent = life.moved("write", "connection") == 0
                #expect(isSilent, comment)
                return
            }
            var next = 0
            for (call, place) in [
                ("write", "tokens.json.new"), ("fsync", "tokens.json.new"), ("rename", "tokens.json"), ("fsync", "."),
            ] {
                let index = life.index(of: call, place, from: next)
                next = try #require(index, comment) + 1
            }
            #expect(next <= connected, comment)
        }

        private func size(of path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        }
    }
}
