import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("A client that calls as itself")
struct ConfidentialClientTests {
    let scene = Scene()

    @Test("it proves who it is by HTTP basic, both parts escaped, says what the token is for, and sends the token with its calls")
    func asks() async throws {
        let client = try scene.confidentialClient(
            scope: Scope("notes:read notes:write"), resources: ["https://a.example/?x=1", "urn:b"])

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == 200)
        let asked = try #require(scene.server.renewals.first)
        #expect(asked.request.headerFields[.contentType] == "application/x-www-form-urlencoded")
        #expect(
            asked.body
                == "grant_type=client_credentials&scope=notes%3Aread%20notes%3Awrite&resource=https%3A%2F%2Fa.example%2F%3Fx%3D1&resource=urn%3Ab"
        )
        #expect(scene.server.requests("/notes").map { $0.request.headerFields[.authorization] } == ["Bearer eyJ.own.1"])
    }

    @Test("a hundred callers at once get one token")
    func oneFlight() async throws {
        let client = try scene.confidentialClient()
        await scene.server.gate.close()

        let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<100 { group.addTask { plain(try await client.accessToken()) } }
            while await client.own.flight.passengers < 100 { await Task.yield() }
            await scene.server.gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(tokens == Array(repeating: "eyJ.own.1", count: 100))
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a hundred refused tokens make one new token and one repeat each")
    func oneFlightAfter401() async throws {
        let client = try scene.confidentialClient()
        _ = try await client.accessToken()
        scene.server.with { $0.accessTokens = [:] }

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.data(for: request()).1.statusCode } }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(statuses == Array(repeating: 200, count: 100))
        #expect(scene.server.renewals.count == 2)
        let calls = scene.server.requests("/notes").count
        #expect(calls > 100 && calls <= 200)
    }

    @Test("a token that stays refused is replaced once, the request repeated once, and the 401 is the answer")
    func neverLoops() async throws {
        let client = try scene.confidentialClient()
        scene.server.script("/notes", .answer(401, CallTests.invalidToken, ""), .answer(401, CallTests.invalidToken, ""))

        let (_, response) = try await client.data(for: request())

        #expect(response.statusCode == 401)
        #expect(scene.server.requests("/notes").count == 2)
        #expect(scene.server.renewals.count == 2)
    }

    @Test("shortly before its end another token is asked for, and nobody waits for it")
    func beforeItsEnd() async throws {
        let client = try scene.confidentialClient()
        _ = try await client.accessToken()
        scene.pass(.seconds(269))
        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
        #expect(scene.server.renewals.count == 1)
        scene.pass(.seconds(1))
        await scene.server.gate.close()

        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
        while await scene.server.gate.waiting < 1 { await Task.yield() }
        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
        await scene.server.gate.open()

        while plain(try await client.accessToken()) == "eyJ.own.1" { await Task.yield() }
        #expect(plain(try await client.accessToken()) == "eyJ.own.2")
        #expect(scene.server.renewals.count == 2)
    }

    @Test("after its end it is not used any more, whatever the wall clock says")
    func afterItsEnd() async throws {
        let client = try scene.confidentialClient()
        _ = try await client.accessToken()
        scene.wall.advance(by: .seconds(86_400))
        #expect(plain(try await client.accessToken()) == "eyJ.own.1")

        scene.monotonic.advance(by: .seconds(300))

        #expect(plain(try await client.accessToken()) == "eyJ.own.2")
    }

    @Test("secret and tokens stand in no description, dump or error")
    func silence() async throws {
        let client = try scene.confidentialClient()
        _ = try await client.accessToken()

        var shown = "\(client) \(client.calls)"
        dump(client, to: &shown)
        dump(client.own, to: &shown)

        #expect(!shown.contains(FakeSignet.clientSecret) && !shown.contains("eyJ"))
        #expect(!SignetClientError.wrongClientCredentials.description.contains("ä"))
    }
}

extension ConfidentialClientTests {
    @Test(
        "a token goes to no origin that was not named, and the secret to no server that is neither https nor this machine",
        arguments: [
            ("https://id.example.com", "https://evil.example.com"), ("https://id.example.com", "http://api.example.com"),
            ("http://id.example.com", "https://api.example.com"),
        ])
    func origins(server: String, origin: String) async throws {
        let reads = Mutex(0)
        let client = try scene.confidentialClient(server: #require(URL(string: server))) {
            reads.withLock { $0 += 1 }
            return Secret(FakeSignet.clientSecret)
        }

        let error = await failure { try await client.data(for: request(at: origin)) }

        let isExpected =
            switch error {
            case .originNotNamed, .insecure: true
            default: false
            }
        #expect(isExpected, "\(String(describing: error))")
        #expect(reads.withLock { $0 } == 0)
        #expect(scene.server.with { $0.requests.isEmpty })
    }

    @Test("the secret is read for each token, so one that was rotated is found without a restart")
    func rotated() async throws {
        let secret = Mutex("yesterday's")
        let client = try scene.confidentialClient { Secret(secret.withLock { $0 }) }
        #expect(await failure { try await client.accessToken() } == .wrongClientCredentials)

        secret.withLock { $0 = FakeSignet.clientSecret }

        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
    }

    @Test("a secret that cannot be read is the caller's error as it is, and nothing is sent")
    func unreadable() async throws {
        let client = try scene.confidentialClient { throw CocoaError(.fileReadNoSuchFile) }

        await #expect(throws: CocoaError(.fileReadNoSuchFile)) { try await client.data(for: request()) }

        #expect(scene.server.with { $0.requests.isEmpty })
    }

    @Test("one who is cancelled leaves at once, and alone")
    func cancelled() async throws {
        let client = try scene.confidentialClient()
        await scene.server.gate.close()

        let impatient = Task { try await client.accessToken() }
        while await client.own.flight.passengers < 1 { await Task.yield() }
        let patient = Task { try await client.accessToken() }
        while await client.own.flight.passengers < 2 { await Task.yield() }
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        await scene.server.gate.open()

        #expect(try await plain(patient.value) == "eyJ.own.1")
        #expect(scene.server.renewals.count == 1)
    }
}
