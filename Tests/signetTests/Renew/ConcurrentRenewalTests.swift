import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("Sixty-four renewals of one token at once")
    struct ConcurrentRenewalTests {
        private static let key = "one-key-of-the-device-and-token"

        @Test("with one key, all of them get the same successor")
        func oneKey() async throws {
            try await withServer { signet, first in
                let answers = try await renewals(of: first, at: signet) { _ in Self.key }

                #expect(answers.map(\.status) == Array(repeating: 200, count: 64))
                let successors = try Set(answers.map { try $0.json(IssuedTokens.self).refreshToken })
                #expect(successors.count == 1)
                try await expectReuse(of: first, after: try answers[0].json(), at: signet)
            }
        }

        @Test("with sixty-four keys, one wins and the others are told to read their store again")
        func manyKeys() async throws {
            try await withServer { signet, first in
                let answers = try await renewals(of: first, at: signet) { "\(Self.key)-\($0)" }

                let winners = answers.filter { $0.status == 200 }
                #expect(winners.count == 1)
                for loser in answers where loser.status != 200 {
                    #expect(loser.status == 503)
                    #expect(loser[member: "error"] == "temporarily_unavailable")
                    #expect(loser[member: "reason"] == "raced")
                    #expect(loser[member: "refresh_token"] == nil)
                    #expect(loser[field: "Retry-After"] == "1")
                }
                try await expectReuse(of: first, after: try #require(winners.first).json(), at: signet)
            }
        }

        @Test("without keys, all of them get the same successor inside the window")
        func keyless() async throws {
            try await withServer { signet, first in
                let answers = try await renewals(of: first, at: signet) { _ in nil }

                #expect(answers.map(\.status) == Array(repeating: 200, count: 64))
                let successors = try Set(answers.map { try $0.json(IssuedTokens.self).refreshToken })
                #expect(successors.count == 1)
                try await expectReuse(of: first, after: try answers[0].json(), at: signet)
            }
        }

        private func withServer(_ body: (Installation, IssuedTokens) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    try await body(signet, try await signet.signIn())
                }
            }
        }

        private func renewals(
            of tokens: IssuedTokens, at signet: Installation, key: (Int) -> String?
        ) async throws -> [RawAnswer] {
            try await withThrowingTaskGroup(of: RawAnswer.self) { group in
                for number in 0..<64 {
                    let key = key(number)
                    group.addTask { try await signet.renew(tokens.refreshToken, key: key) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        /// The session goes on with the successor; once that is spent too, the first token ends it.
        private func expectReuse(of first: IssuedTokens, after second: IssuedTokens, at signet: Installation) async throws {
            let generation = try second.generation
            #expect(generation == 1)
            let third = try await signet.renew(second.refreshToken, key: "\(Self.key)-of-the-second")
            try #require(third.status == 200, "\(third.text)")

            let reuse = try await signet.renew(first.refreshToken, key: Self.key)
            #expect(reuse.status == 400)
            #expect(reuse[member: "error"] == "invalid_grant")
            #expect(reuse[member: "reason"] == "reused")

            let owner = try await signet.renew(try third.json(IssuedTokens.self).refreshToken, key: "\(Self.key)-of-the-third")
            #expect(owner.status == 400)
            #expect(owner[member: "reason"] == "reused")
            let call = try await signet.verify(try third.json())
            #expect(call.status == 401)
        }
    }
}
