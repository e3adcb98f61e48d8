import SignetClientNIO
import SignetTokens
import Testing

extension Story {
    @Suite("A connection that breaks anywhere in a renewal")
    struct ConnectionCutAnywhereTests {
        private let transport = AsyncHTTPClientTransport()

        @Test("at whichever byte of the request or the answer it is closed or reset, the client repeats and goes on")
        func goesOn() async throws {
            try await inLanes { isMine in
                try await Installation.make { signet in
                    let client = EndClient(in: signet.folder)
                    // With a window of no time only the key makes a repeat harmless.
                    try await signet.serve(["--window", "0s"], logLevel: "error") { _ in
                        try await signet.addUser()
                        try await CutConnections.run(to: signet.port) { network in
                            let url = "http://127.0.0.1:\(network.port)"
                            try await client.login(at: url)
                            let cuts = try await cuts(of: network, url, client)
                            var standing = try client.standing
                            var made = 0
                            for cut in cuts where isMine(cut.byte) {
                                try client.expireAccessToken()
                                network.cutNext(cut)

                                try await client.accessToken(from: url, by: transport)

                                made += 1
                                #expect(network.cuts == made)
                                let after = try client.standing
                                #expect(after == standing.renewed, "\(cut)")
                                standing = after
                            }
                        }
                        let live = try await signet.listed("session", "list")["sessions"]?.array
                        #expect(live?.count == 1)
                    }
                }
            }
        }

        /// Every byte at which an exchange can break, and each way to break.
        private func cuts(
            of network: CutConnections, _ url: String, _ client: EndClient
        ) async throws -> [CutConnections.Cut] {
            try client.expireAccessToken()
            try await client.accessToken(from: url, by: transport)
            let session = try client.stored
            let tokens = ["refresh_token", "access_token"].compactMap { session[$0]?.string?.utf8.count }
            let lengths = network.lengths
            try #require(lengths.request > tokens[0] + 64 && lengths.answer > tokens[0] + tokens[1])
            return CutConnections.Ending.allCases.flatMap { ending in
                (0..<lengths.request).map { .request($0, ending) } + (0..<lengths.answer).map { .answer($0, ending) }
            }
        }
    }
}
