import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@testable import SignetClient

@Suite("Trouble while a client gets its own token")
struct ClientTokenTroubleTests {
    let scene = Scene()

    @Test("it asks again after pauses, and says in the end what was wrong")
    func givesUp() async throws {
        let client = try scene.confidentialClient()
        let start = scene.monotonic.now
        for _ in 0..<4 { scene.server.script("/oauth/token", .answer(503, [:], "")) }

        #expect(await failure { try await client.accessToken() } == .busy(status: 503, retryAfter: nil))

        #expect(scene.server.renewals.count == 4)
        #expect(start.duration(to: scene.monotonic.now) == .milliseconds(3_500))
        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
    }

    @Test(
        "lost requests and answers, portals and proxies are got over",
        arguments: [
            FakeSignet.Fault.loseRequest, .loseAnswer, .answer(502, [:], ""),
            .answer(200, [.contentType: "text/html"], "<p>Welcome"),
            .answer(403, [.contentType: "text/html"], "no"), .answer(302, [.location: "https://evil.example.com/"], ""),
            .answer(200, [.contentType: "application/json"], #"{"access_token":"eyJ"}"#),
        ])
    func gotOver(fault: FakeSignet.Fault) async throws {
        let client = try scene.confidentialClient()
        scene.server.script("/oauth/token", fault, fault)

        #expect(plain(try await client.accessToken())?.hasPrefix("eyJ.own.") == true)

        #expect(scene.server.renewals.count == 3)
        #expect(scene.server.with { $0.requests.allSatisfy { $0.request.authority == "id.example.com" } })
    }

    @Test("a server that asks for a pause gets it, or none is waited for that is too long", arguments: [(7, 2), (60, 1)])
    func retryAfter(seconds: Int, requests: Int) async throws {
        let client = try scene.confidentialClient()
        let start = scene.monotonic.now
        scene.server.script("/oauth/token", .answer(429, [.retryAfter: "\(seconds)"], ""))

        let error = await failure { try await client.accessToken() }

        #expect(error == (requests == 2 ? nil : .busy(status: 429, retryAfter: .seconds(seconds))))
        #expect(scene.server.renewals.count == requests)
        #expect(start.duration(to: scene.monotonic.now) == (requests == 2 ? .seconds(seconds) : .zero))
    }

    @Test("a client that the server does not know is told so once, and what to do")
    func wrongCredentials() async throws {
        let client = try scene.confidentialClient { Secret("another one") }

        let error = await failure { try await client.data(for: request()) }

        #expect(error == .wrongClientCredentials)
        #expect(error?.description.contains("signet client update ID --new-secret") == true)
        #expect(scene.server.renewals.count == 1)
        #expect(scene.server.requests("/notes").isEmpty)
    }

    @Test(
        "what the server refuses is an error at once, with its code",
        arguments: ["invalid_target", "invalid_scope", "unauthorized_client"])
    func refused(code: String) async throws {
        let client = try scene.confidentialClient()
        scene.server.script("/oauth/token", .answer(400, [.contentType: "application/json"], #"{"error":"\#(code)"}"#))

        #expect(await failure { try await client.accessToken() } == .refused(status: 400, code: code))

        #expect(scene.server.renewals.count == 1)
    }

    @Test("the token that still lives is used meanwhile, and the server is asked no more than every five seconds")
    func livesOn() async throws {
        let client = try scene.confidentialClient()
        _ = try await client.accessToken()
        scene.pass(.seconds(270))
        scene.server.script("/oauth/token", .answer(401, [.contentType: "application/json"], #"{"error":"invalid_client"}"#))

        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
        while scene.server.renewals.count < 2 { await Task.yield() }
        while await client.own.flight.isUnderWay { await Task.yield() }
        for _ in 0..<100 { #expect(plain(try await client.accessToken()) == "eyJ.own.1") }
        #expect(await !client.own.flight.isUnderWay)
        #expect(scene.server.renewals.count == 2)

        scene.pass(.seconds(5))
        _ = try await client.accessToken()
        while plain(try await client.accessToken()) == "eyJ.own.1" { await Task.yield() }
        #expect(scene.server.renewals.count == 3)
    }

    @Test("a caller waits no longer than it may, and hears what was wrong; the token is there for the next")
    func impatient() async throws {
        let client = try scene.confidentialClient()
        await scene.server.gate.close()

        let impatient = Task { await failure { try await client.accessToken(within: .seconds(5)) } }
        // The caller's patience, and the request's.
        while scene.monotonic.clock.sleepers < 2 { await Task.yield() }
        scene.monotonic.advance(by: .seconds(5))

        #expect(await impatient.value == .network(.timedOut))
        await scene.server.gate.open()

        #expect(plain(try await client.accessToken()) == "eyJ.own.1")
        #expect(scene.server.renewals.count == 1)
    }

    @Test("whoever cannot wait for the next try hears what was wrong with the last")
    func impatientBetweenTries() async throws {
        let transport = BusyThenSilent()
        let client = try scene.confidentialClient(transport: transport)

        let patient = Task { try await client.accessToken() }
        while transport.tries < 2 { await Task.yield() }
        let impatient = Task { await failure { try await client.accessToken(within: .seconds(5)) } }
        while scene.monotonic.clock.sleepers < 3 { await Task.yield() }
        scene.monotonic.advance(by: .seconds(5))

        #expect(await impatient.value == .busy(status: 503, retryAfter: nil))
        patient.cancel()
        _ = await patient.result
        transport.release()
    }
}

/// Is busy at first, and then says nothing until it is released.
private final class BusyThenSilent: Transport {
    private let count = Mutex(0)
    private let stream = AsyncStream<Void>.makeStream()

    var tries: Int { count.withLock { $0 } }

    func release() { stream.continuation.finish() }

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        let isFirst = count.withLock { count in
            count += 1
            return count == 1
        }
        if !isFirst { for await _ in stream.stream {} }
        return (HTTPResponse(status: .serviceUnavailable), Data())
    }
}
