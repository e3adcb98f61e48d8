import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SignetClient
import SignetClientNIO
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

extension Story {
    @Suite("A server that calls another, with a real Signet between them")
    struct ServerToServerTests {
        @Test("a hundred calls share one token, which lives on through a change of the secret")
        func rotatedSecret() async throws {
            try await withNotes(["--access-lifetime", "2s"]) { signet, server, notes in
                let orders = try await register(at: signet)
                let secret = Mutex(orders.secret)
                let client = try client(orders, of: signet, calling: notes) { Secret(secret.withLock { $0 }) }

                try await withThrowingTaskGroup(of: UInt.self) { group in
                    for _ in 0..<100 { group.addTask { try await status(client, notes) } }
                    for try await status in group { #expect(status == 200) }
                }
                #expect(server.outputAndErrors.ranges(of: "Issued a client's token").count == 1)

                // Two secrets are good, and the program has the older one still.
                let newer = try #require(
                    try await signet.operated("client", "update", orders.id, "--new-secret").split(separator: "\n")
                        .first { $0.hasPrefix("client_secret: ") }?.dropFirst("client_secret: ".count))
                let first = try await client.accessToken().plain
                let hasNext = try await eventually { try await client.accessToken().plain != first }
                #expect(hasNext)
                #expect(try await status(client, notes) == 200)

                // The older one is dropped before the program has the newer one: it says so, once its token has ended.
                try await signet.operated("client", "update", orders.id, "--drop-old-secret")
                #expect(try await eventually { await failure(client, notes) == .wrongClientCredentials })

                secret.withLock { $0 = String(newer) }
                #expect(try await status(client, notes) == 200)
                for secret in [orders.secret, String(newer)] { #expect(!server.outputAndErrors.contains(secret)) }
            }
        }

        @Test("a client that was removed hears so at its next call, long before its token would have ended")
        func removed() async throws {
            try await withNotes { signet, _, notes in
                let orders = try await register(at: signet)
                let client = try client(orders, of: signet, calling: notes) { Secret(orders.secret) }
                #expect(try await status(client, notes) == 200)

                try await signet.operated("client", "remove", orders.id)

                #expect(try await eventually { await failure(client, notes) == .wrongClientCredentials })
            }
        }

        @Test("while the server is away its token is used to the end, and another one is there when the server is back")
        func restarted() async throws {
            try await Installation.make { signet in
                let orders = try await signet.serve { _ in try await register(at: signet) }
                let client = try client(orders, of: signet, calling: nil) { Secret(orders.secret) }
                let first = try await signet.serve(["--access-lifetime", "2s"]) { _ in try await client.accessToken().plain }

                #expect(try await client.accessToken().plain == first)
                let isAway = try await eventually {
                    do {
                        let token = try await client.accessToken().plain
                        #expect(token == first)
                        return false
                    } catch SignetClientError.network {
                        return true
                    }
                }
                #expect(isAway)

                let waiting = Task { try await eventually { (try? await client.accessToken()) != nil } }
                try await signet.serve { _ in
                    let isBack = try await waiting.value
                    #expect(isBack)
                    #expect(try await client.accessToken().plain != first)
                }
            }
        }

        private func register(at signet: Installation) async throws -> ClientWithSecret {
            try await signet.addClientWithSecret(
                "Orders", "--confidential", "--resource", Notes.resource, "--scope", "notes:read")
        }

        private func client(
            _ orders: ClientWithSecret, of signet: Installation, calling notes: Notes?,
            secret: @escaping @Sendable () async throws -> Secret<String>
        ) throws -> ConfidentialClient {
            try ConfidentialClient(
                server: #require(URL(string: signet.issuer)), clientID: #require(ClientID(orders.id)),
                origins: [notes].compactMap { $0.flatMap { URL(string: address(of: $0)) } },
                transport: AsyncHTTPClientTransport(),
                clientSecret: secret)
        }

        private func status(_ client: ConfidentialClient, _ notes: Notes) async throws -> UInt {
            try await client.execute(HTTPClientRequest(url: address(of: notes) + "/notes"), timeout: .seconds(60)).status.code
        }

        private func failure(_ client: ConfidentialClient, _ notes: Notes) async -> SignetClientError? {
            do {
                _ = try await status(client, notes)
                return nil
            } catch {
                return error as? SignetClientError
            }
        }

        private func address(of notes: Notes) -> String { "http://127.0.0.1:\(notes.http.port)" }

        private func withNotes(
            _ flags: [String] = [], _ body: (Installation, SignetProcess, Notes) async throws -> Void
        ) async throws {
            try await Installation.make { signet in
                try await signet.serve(flags) { server in
                    try await Notes.run(of: signet, as: try await Notes.register(at: signet)) { notes, _ in
                        try await body(signet, server, notes)
                    }
                }
            }
        }
    }
}

extension SignetProcess {
    fileprivate var outputAndErrors: String { outputSoFar + errorsSoFar }
}
