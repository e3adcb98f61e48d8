import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("signet key")
    struct KeyCommandTests {
        @Test("a rotation is settled, and told; a second one has to wait for it")
        func rotates() async throws {
            try await withDatabase { signet in
                let told = try await signet.operated("key", "rotate", environment: ["SIGNET_KEYS_CACHE_TIME": "1h"])

                let keys = try await signet.keys()
                #expect(keys.map(\.state).sorted() == ["active", "standby", "standby"])
                let next = try #require(keys.first { $0.state == "standby" && $0.activatesAt != nil })
                #expect(told == "kid: \(next.id)\nsigns from: \(next.activatesAt ?? "")\n")
                let again = try await signet.operate("key", "rotate")
                #expect(again.exit == .status(1))
                #expect(again.errors.hasPrefix("A rotation is under way: the next key signs from "))
            }
        }

        @Test("a key that leaked is revoked, once; the standby signs")
        func retires() async throws {
            try await withDatabase { signet in
                let before = try await signet.keys()
                let leaked = try #require(before.first { $0.state == "active" }?.id)
                let standby = try #require(before.first { $0.state == "standby" }?.id)

                try await signet.operated("key", "retire", leaked, "--now")

                let after = try await signet.keys()
                #expect(after.first { $0.id == leaked }?.state == "revoked")
                #expect(after.first { $0.id == standby }?.state == "active")
                #expect(after.filter { $0.state == "standby" }.count == 1)
                let again = try await signet.operate("key", "retire", leaked, "--now")
                #expect(again.exit == .status(1))
                #expect(again.errors == "This key was revoked before.\n")
            }
        }

        @Test("refresh keys rotate, are kept, and are revoked only when they leaked")
        func refreshKeys() async throws {
            try await withDatabase { signet in
                try await signet.operated("key", "rotate", "--refresh")
                #expect(try await signet.keys("--refresh").map { "\($0.id) \($0.state)" } == ["1 kept", "2 active", "3 standby"])

                let refused = try await signet.operate("key", "retire", "1", "--refresh")
                #expect(refused.exit == .status(1))
                #expect(refused.errors.hasPrefix("Refresh keys are kept, "))

                let told = try await signet.operated("key", "retire", "1", "--refresh", "--now")
                #expect(told == "Revoked; 0 sessions ended.\n")
                #expect(try await signet.keys("--refresh").first?.state == "revoked")
            }
        }

        @Test("another master key takes the place of the old one, which then opens nothing any more")
        func masterKey() async throws {
            try await withDatabase { signet in
                let old = Set(try await signet.keys().map(\.sealedUnder))

                try await signet.operated("key", "rotate", "--master")

                let new = Set(try await signet.keys().map(\.sealedUnder) + signet.keys("--refresh").map(\.sealedUnder))
                #expect(new.count == 1)
                #expect(new.isDisjoint(with: old))
                try await signet.serve { _ in _ = try await signet.signIn() }
            }
        }

        @Test("two kinds at once are a mistake of usage")
        func usage() async throws {
            let outcome = try await SignetProcess.outcome("signet", ["key", "rotate", "--refresh", "--master"])

            #expect(outcome.exit == .status(64))
        }

        /// A database in which a server was founded, and `ada` has an account.
        private func withDatabase(_ body: (Installation) async throws -> Void) async throws {
            try await Installation.make { signet in
                try await signet.serve { server in
                    try await signet.addUser()
                    // In good order: a server that is killed counts as running for half a minute.
                    server.signal(SIGTERM)
                    #expect(try await server.exit() == .status(0))
                }
                try await body(signet)
            }
        }
    }
}

/// A line of `signet key list`.
private struct ListedKey {
    let id: String
    let state: String
    let activatesAt: String?
    let sealedUnder: String
}

extension Installation {
    fileprivate func keys(_ options: String...) async throws -> [ListedKey] {
        let outcome = try await SignetProcess.outcome("signet", ["key", "list", "--json", "--database", database] + options)
        let lines = try #require(JSONValue(parsing: outcome.output.utf8).object?["keys"]?.array)
        return try lines.map { line in
            let key = try #require(line.object)
            return ListedKey(
                id: try #require(key["id"]?.string), state: try #require(key["state"]?.string),
                activatesAt: key["activates_at"]?.string, sealedUnder: try #require(key["sealed_under"]?.string))
        }
    }
}
