import HTTPTypes
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("A spent refresh token, however old", .timeLimit(.minutes(5)))
struct ReuseDepthTests {
    private static let depths = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000]

    @Test("is reuse at each depth from 1 to 1,000, and ends the session with every token that it ever had")
    func isReuse() async throws {
        try await TestServer.run { server in
            let bystander = try await server.signedIn()
            var tokens: [Int: [Tokens]] = [:]
            // Side by side, so that they share their commits.
            try await withThrowingTaskGroup(of: (Int, [Tokens]).self) { group in
                for depth in Self.depths { group.addTask { (depth, try await server.rotated(depth)) } }
                for try await (depth, history) in group { tokens[depth] = history }
            }
            // Within the window another request may have been first, and only afterwards is the last token but one a theft.
            server.clock.advance(by: .seconds(61))

            for depth in Self.depths {
                let history = try #require(tokens[depth])
                #expect(history.count == depth + 1)
                #expect(try await server.ending(of: history[0]) == nil)

                let thief = try await server.renew(history[0].refresh, key: "the-key-of-somebody-else-entirely")

                #expect(thief.verdict == "400 invalid_grant reused", "depth \(depth)")
                #expect(try await server.ending(of: history[0]) == .reused, "depth \(depth)")
                for generation in Set([0, 1, depth / 2, depth - 1, depth]) {
                    let answer = try await server.renew(
                        history[generation].refresh, key: "key-\(generation)-of-exactly-this-session")
                    #expect(answer.verdict == "400 invalid_grant reused", "depth \(depth), generation \(generation)")
                    #expect(try await server.get("/v1/account", bearer: history[generation].access).status == 401)
                }
            }
            #expect(try await server.renew(bystander.refresh).status == 200)
            let reuses = try await server.store.auditEntries(limit: 5000).count { $0.entry.event == .sessionRevoked }
            #expect(reuses == Self.depths.count)
        }
    }
}

extension TestServer {
    /// The tokens of a session that was renewed so often, from the sign-in on.
    fileprivate func rotated(_ count: Int) async throws -> [Tokens] {
        let client = DirectClient(self)
        var history = [try await signedIn()]
        for generation in 0..<count {
            let form = Form.encode([("grant_type", "refresh_token"), ("refresh_token", history[generation].refresh)])
            let head = HTTPRequest(
                method: .post, scheme: "https", authority: "a", path: "/oauth/token",
                headerFields: [
                    .contentType: "application/x-www-form-urlencoded",
                    .idempotencyKey: "key-\(generation)-of-exactly-this-session",
                ])
            history.append(try await client.send(head, form).tokens())
        }
        return history
    }

    /// Why a session has ended, if it has.
    fileprivate func ending(of tokens: Tokens) async throws -> SessionEnd? {
        let standing = try await store.standing(
            of: #require(SessionID(tokens.session)), user: ada, defaults: PolicyDefaults())
        return standing?.ending
    }
}
