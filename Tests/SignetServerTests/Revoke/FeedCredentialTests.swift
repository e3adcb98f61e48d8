import HTTPTypes
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetServer

/// A stream is opened once and read for weeks: it must not outlive what it was opened with.
@Suite("A reader of the feed whose credential ends", .timeLimit(.minutes(5)))
struct FeedCredentialTests {
    @Test("whose client is removed is sent that, and then no more")
    func removedClient() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.addClient("other", isFirstParty: false, grants: [.clientCredentials], secret: "other-secret")
            try await server.readFeed(TestServer.reader) { events in
                _ = try await events.untilLive()
                try await server.remove("other")
                try await pulse.advance(by: .milliseconds(100), whenAsleep: 2)
                #expect(try await events.next().name == "revocation")

                try await server.remove("notes-api")
                try await pulse.advance(by: .milliseconds(100), whenAsleep: 2)

                #expect(try await events.next().name == "revocation")
                await expectEnd(&events)
            }
            try await expectRefused(TestServer.reader, by: server)
        }
    }

    @Test("whose secret is dropped reads no heartbeat more")
    func droppedSecret() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.readFeed(TestServer.reader) { events in
                _ = try await events.untilLive()
                try await pulse.advance(by: FeedStream.heartbeat, whenAsleep: 2)
                #expect(try await events.next().isComment)

                try await server.alter("DELETE FROM client_secrets WHERE client_id = 'notes-api'")
                try await pulse.advance(by: FeedStream.heartbeat, whenAsleep: 2)

                await expectEnd(&events)
            }
            try await expectRefused(TestServer.reader, by: server)
        }
    }

    @Test("is noticed as soon where revocations leave no room for heartbeats")
    func busyStream() async throws {
        try await TestServer.runFeed { server in
            try await server.readFeed(TestServer.reader) { events in
                _ = try await events.untilLive()
                try await server.alter("DELETE FROM client_secrets WHERE client_id = 'notes-api'")
                let tokens = try await server.signedIn()

                server.clock.advance(by: FeedStream.heartbeat)
                _ = try await server.revoke(tokens.refresh)

                #expect(try await events.next().name == "revocation")
                await expectEnd(&events)
            }
        }
    }

    @Test("whose token is revoked by its jti is sent that, and then no more; its client's other token reads on")
    func revokedToken() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.addWorker()
            let (token, sibling) = (try await server.feedToken(), try await server.feedToken())
            try await server.readFeed(sibling) { others in
                _ = try await others.untilLive()
                try await server.readFeed(token) { events in
                    _ = try await events.untilLive()

                    try await server.giveBack(token)
                    try await pulse.advance(by: .milliseconds(100), whenAsleep: 3)

                    #expect(try await events.next().name == "revocation")
                    await expectEnd(&events)
                }
                _ = try await server.revoke(server.signedIn().refresh)
                try await pulse.advance(by: .milliseconds(100), whenAsleep: 2)
                for _ in 0..<2 { #expect(try await others.next().name == "revocation") }
            }
            try await expectRefused(token, by: server)
        }
    }

    @Test("whose token expires reads no heartbeat more")
    func expiredToken() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.addWorker()
            let token = try await server.feedToken()
            try await server.readFeed(token) { events in
                _ = try await events.untilLive()
                server.clock.advance(by: .milliseconds(304_999))
                try await pulse.advance(by: FeedStream.heartbeat, whenAsleep: 2)
                #expect(try await events.next().isComment, "the five seconds of leeway are not over")

                server.clock.advance(by: .milliseconds(1))
                try await pulse.advance(by: FeedStream.heartbeat, whenAsleep: 2)

                await expectEnd(&events)
            }
            try await expectRefused(token, by: server)
        }
    }

    @Test("whose session ends, as a person's does, is sent that, and then no more")
    func endedSession() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.addClient("dashboard", scope: "account revocations:read")
            let tokens = try await server.signedIn(["client_id": "dashboard"])
            let bearer: HTTPFields = [.authorization: "Bearer \(tokens.access)"]
            try await server.readFeed(bearer) { events in
                _ = try await events.untilLive()

                _ = try await server.revoke(tokens.refresh)
                try await pulse.advance(by: .milliseconds(100), whenAsleep: 2)

                #expect(try await events.next().name == "revocation")
                await expectEnd(&events)
            }
            try await expectRefused(bearer, by: server)
        }
    }

    @Test("is cut, and told nothing, while the database cannot say whether it has ended")
    func databaseAway() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.readFeed(TestServer.reader) { events in
                _ = try await events.untilLive()
                try await server.alter("ALTER TABLE client_secrets RENAME TO away")

                try await pulse.advance(by: FeedStream.heartbeat, whenAsleep: 2)

                await #expect(throws: StreamedEvents.Cut.self) { try await events.next() }
                try await server.alter("ALTER TABLE away RENAME TO client_secrets")
            }
        }
    }

    private func expectEnd(_ events: inout StreamedEvents, sourceLocation: SourceLocation = #_sourceLocation) async {
        await #expect(throws: StreamedEvents.Ended.self, sourceLocation: sourceLocation) { try await events.next() }
    }

    private func expectRefused(
        _ headers: HTTPFields, by server: TestServer, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await server.send(.get, "/v1/revocations", headers)
        #expect(answer.status == 401, sourceLocation: sourceLocation)
    }
}

extension TestServer {
    /// Removes a client as an operator does.
    fileprivate func remove(_ client: String) async throws {
        try await store.removeClient(#require(ClientID(client)), by: .admin)
    }

    /// What the ``Worker`` reads the feed with.
    fileprivate func feedToken() async throws -> HTTPFields {
        let answer = try await clientToken(fields: [("resource", Self.issuer)], authorization: Worker.authorization)
        return [.authorization: "Bearer \(try #require(answer["access_token"]))"]
    }

    /// The worker revokes its token.
    fileprivate func giveBack(_ headers: HTTPFields) async throws {
        let token = try #require(headers[.authorization]).dropFirst("Bearer ".count)
        let answer = try await post(
            "/oauth/revoke", form: [("token", String(token))], [.authorization: Worker.authorization])
        #expect(answer.status == 200)
    }
}
