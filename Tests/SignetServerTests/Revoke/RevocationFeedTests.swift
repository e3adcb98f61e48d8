import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetServer

@Suite("The revocation feed")
struct RevocationFeedTests {
    @Test("a reader gets a snapshot, the mark of its end, and then what follows, each a signed event (SSE-1, SSE-2, SET-1)")
    func streams() async throws {
        try await TestServer.runFeed { server in
            let (first, second, third) = (
                try await server.signedIn(), try await server.signedIn(), try await server.signedIn()
            )
            _ = try await server.revoke(first.refresh)
            _ = try await server.revoke(second.access)

            try await server.readFeed(TestServer.reader) { events in
                let opening = try await events.untilLive()
                #expect(opening.map(\.name) == [nil, "snapshot", "snapshot", "live"])
                #expect(opening[0].retry == "2000")
                #expect(opening.dropLast().allSatisfy { $0.id == nil })
                let known = try await [server.revocation(opening[1]), server.revocation(opening[2])]
                #expect(known[0]?.subject == SessionID(first.session).map(RevokedSubject.session))
                #expect(known[0]?.reason == "signed_out")
                #expect(known[1]?.subject == .token(try #require(Tokens.claims(of: second.access)["jti"]?.string)))
                let mark = try #require(opening.last)
                #expect(mark.data == "{\"position\":\"\(mark.id ?? "")\"}")
                #expect(try await mark.id == server.store.endOfRevocations().description)

                _ = try await server.revoke(third.refresh)

                let next = try await events.next()
                #expect(next.name == "revocation")
                #expect(try await next.id == server.store.endOfRevocations().description)
                #expect(try await server.revocation(next)?.subject == SessionID(third.session).map(RevokedSubject.session))
            }
        }
    }

    @Test("a reader that was away gets what it missed, all of it and nothing twice, and no snapshot (SSE-3)")
    func resumes() async throws {
        try await TestServer.runFeed { server in
            _ = try await server.revoke(server.signedIn().refresh)
            var position: String?
            try await server.readFeed(TestServer.reader) { position = try await $0.untilLive().last?.id }
            var sessions: [String] = []
            for _ in 0..<3 {
                let tokens = try await server.signedIn()
                _ = try await server.revoke(tokens.refresh)
                sessions.append(tokens.session)
            }

            try await server.readFeed(TestServer.reader, after: position) { events in
                let missed = try await events.untilLive().dropFirst()
                #expect(missed.map(\.name) == ["revocation", "revocation", "revocation", "live"])
                let subjects = try await missed.dropLast().asyncMap { try await server.revocation($0)?.subject }
                #expect(subjects == sessions.map { SessionID($0).map(RevokedSubject.session) })
                position = missed.first?.id
            }
            // From the middle of what was missed.
            try await server.readFeed(TestServer.reader, after: position) { events in
                let names = try await events.untilLive().map(\.name)
                #expect(names == [nil, "revocation", "revocation", "live"])
            }
        }
    }

    @Test("a position of another log begins with a snapshot; a malformed one is 400", arguments: ["", "?after="])
    func judgesPositions(query: String) async throws {
        try await TestServer.runFeed { server in
            _ = try await server.revoke(server.signedIn().refresh)
            try await server.readFeed(TestServer.reader, after: "another.7") { events in
                let names = try await events.untilLive().map(\.name)
                #expect(names == [nil, "snapshot", "live"])
            }

            for position in ["x", "-", "a.b", "a.-1", "a.01", "é.1", String(repeating: "a", count: 4096) + ".1"] {
                var headers = TestServer.reader
                headers[.accept] = "text/event-stream"
                let escaped = position.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                if query.isEmpty { headers[.lastEventID] = position }
                let answer = try await server.send(.get, "/v1/revocations" + (query.isEmpty ? "" : query + escaped), headers)
                #expect(answer.status == 400)
                #expect(answer.isWellFormedError)
            }
        }
    }

    @Test("as JSON it is read page by page, from a snapshot on, for languages without an event stream")
    func pages() async throws {
        try await TestServer.runFeed { server in
            let tokens = try await server.signedIn()
            _ = try await server.revoke(tokens.refresh)

            let snapshot = try await server.send(.get, "/v1/revocations?after=", TestServer.reader)
            let position = try #require(snapshot["position"])
            let nothing = try await server.send(.get, "/v1/revocations?after=\(position)", TestServer.reader)
            var accepting = TestServer.reader
            accepting[.accept] = "application/json"
            let asked = try await server.send(.get, "/v1/revocations", accepting)

            #expect(snapshot.status == 200)
            #expect(snapshot.headers[.contentType] == "application/json")
            #expect(snapshot.headers[.cacheControl] == "no-store")
            #expect(snapshot.body["snapshot"] == true)
            #expect(snapshot.body["more"] == false)
            #expect(snapshot.bytes == asked.bytes)
            let event = try #require(snapshot.body["events"]?.array?.first?.string)
            #expect(try await server.revocation(event)?.subject == SessionID(tokens.session).map(RevokedSubject.session))
            #expect(nothing.body["snapshot"] == false)
            #expect(nothing.body["events"] == [])
            #expect(nothing["position"] == position)
        }
    }

    @Test("a long log comes in several pages, as JSON and as a stream, and not one entry is lost or doubled")
    func pagesLongLogs() async throws {
        try await TestServer.runFeed { server in
            let count = 2 * FeedPages.length + 1
            try await server.alter(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                INSERT INTO revocations (kind, subject, at, initiator, reason, forget_at)
                SELECT 'token', 't' || i, 0, 'user', 'signed_out', NULL FROM n
                """)

            var (position, subjects, pages) = ("", [RevokedSubject?](), [Bool]())
            repeat {
                let page = try await server.send(.get, "/v1/revocations?after=\(position)", TestServer.reader)
                #expect(page.body["snapshot"] == .bool(pages.isEmpty))
                for event in page.body["events"]?.strings ?? [] { subjects.append(try await server.revocation(event)?.subject) }
                pages.append(page.body["more"] == true)
                position = try #require(page["position"])
            } while pages.last == true && pages.count < 9

            let expected = (1...count).map { RevokedSubject?.some(.token("t\($0)")) }
            #expect(pages == [true, true, false])
            #expect(subjects == expected)
            try await server.readFeed(TestServer.reader) { events in
                let streamed = try await events.untilLive()
                #expect(streamed.count == count + 2)
                #expect(streamed.dropFirst().dropLast().allSatisfy { $0.name == "snapshot" && $0.id == nil })
            }
        }
    }

    @Test("only resource servers read it, and bearers of its own scope; or everyone, where it is public (SSE-1)")
    func asksForCredentials() async throws {
        try await TestServer.runFeed { server in
            try await server.addWorker()
            let person = try await server.signedIn()
            let token = try #require(
                try await server.clientToken(fields: [("resource", TestServer.issuer)], authorization: Worker.authorization)[
                    "access_token"])
            let narrow = try #require(
                try await server.clientToken(
                    fields: [("resource", TestServer.issuer), ("scope", "jobs")], authorization: Worker.authorization)[
                        "access_token"])
            let elsewhere = try #require(try await server.clientToken(authorization: Worker.authorization)["access_token"])
            func ask(_ authorization: String?) async throws -> Answer {
                try await server.send(.get, "/v1/revocations?after=", authorization.map { [.authorization: $0] } ?? [:])
            }
            let wrong = "Basic " + Data("notes-api:wrong".utf8).base64EncodedString()

            #expect(try await ask("Bearer \(token)").status == 200)
            #expect(try await ask("Bearer \(narrow)").status == 403)
            for refused in [nil, wrong, Worker.authorization, "Basic x", "Bearer x", "Bearer \(elsewhere)"] {
                let answer = try await ask(refused)
                #expect(answer.status == 401, "\(refused ?? "")")
                #expect(answer.challenge != nil)
                #expect(answer.body["events"] == nil)
            }
            #expect(try await ask("Bearer \(person.access)").status == 403)
            _ = try await server.revoke(token)
            #expect(try await ask("Bearer \(token)").status == 200, "a client that does not say who it is revokes nothing")
            _ = try await server.post("/oauth/revoke", form: [("token", token)], [.authorization: Worker.authorization])
            #expect(try await ask("Bearer \(token)").status == 401)
        }
        try await TestServer.run(configure: { $0.isRevocationFeedPublic = true }) { server in
            #expect(try await server.get("/v1/revocations?after=").status == 200)
            try await server.readFeed { events in
                let names = try await events.untilLive().map(\.name)
                #expect(names == [nil, "live"])
            }
        }
    }

    @Test("a person's token with the feed's scope is good while its session lives")
    func personsSession() async throws {
        try await TestServer.runFeed { server in
            try await server.addClient("dashboard", scope: "account revocations:read")
            let tokens = try await server.signedIn(["client_id": "dashboard"])
            #expect(try await server.get("/v1/revocations?after=", bearer: tokens.access).status == 200)

            _ = try await server.post("/oauth/revoke", form: [("token", tokens.refresh)])

            #expect(try await server.get("/v1/revocations?after=", bearer: tokens.access).status == 401)
        }
    }

    @Test("an event keeps its id when it is sent again")
    func keepsIDs() async throws {
        try await TestServer.runFeed { server in
            _ = try await server.revoke(server.signedIn().refresh)

            var seen: [TokenID?] = []
            for _ in 0..<2 {
                try await server.readFeed(TestServer.reader) { seen.append(try await server.revocation($0.untilLive()[1])?.id) }
            }

            #expect(seen[0] != nil)
            #expect(seen[0] == seen[1])
        }
    }

    @Test("a silent connection shows every 15 seconds that it lives (SSE-2)")
    func beats() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            try await server.readFeed(TestServer.reader) { events in
                _ = try await events.untilLive()
                for _ in 0..<2 {
                    // The connection and the watch on the log are asleep.
                    try await pulse.advance(by: .seconds(15), whenAsleep: 2)
                    let beat = try await events.next()
                    #expect(beat.isComment)
                    #expect(beat.name == nil && beat.id == nil && beat.data == nil)
                }
            }
        }
    }

    @Test("a reader that takes nothing for 30 seconds is cut, and the others are not (SSE-4)")
    func cutsSlowReaders() async throws {
        let pulse = ManualClock()
        try await TestServer.runFeed(pulse: pulse) { server in
            let channel = NIOAsyncTestingChannel()
            try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/reader")).get()
            let direct = DirectClient<SignetRequestContext>(
                Serve.router(for: server.signet, context: SignetRequestContext.self).buildResponder(), log: server.log)
            let stuck = try await direct.answer(TestServer.feedRequest(TestServer.reader), over: channel)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: StuckBody.Closed.self) { try await stuck.body.write(StuckBody(channel)) }
                }
                // The write that is stuck, and the watch on the log.
                try await pulse.advance(by: .milliseconds(29_999), whenAsleep: 2)
                #expect(channel.isActive)
                try await server.readFeed(TestServer.reader) { events in
                    _ = try await events.untilLive()
                    try await pulse.advance(by: .milliseconds(1), whenAsleep: 3)
                    try await group.waitForAll()
                    #expect(!channel.isActive)

                    _ = try await server.revoke(server.signedIn().refresh)
                    try await pulse.advance(by: .milliseconds(100), whenAsleep: 2)
                    let next = try await events.next()
                    #expect(next.name == "revocation")
                }
            }
        }
    }
}

/// A reader's connection that takes nothing until it is closed.
private final class StuckBody: ResponseBodyWriter {
    struct Closed: Error {}

    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    func write(_ buffer: ByteBuffer) async throws {
        try await channel.closeFuture.get()
        throw Closed()
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}

extension TestServer {
    /// The revocation that an event tells of, verified as a reader does.
    fileprivate func revocation(_ event: StreamedEvent) async throws -> Revocation? {
        try await revocation(#require(event.data))
    }

    fileprivate func revocation(_ text: String) async throws -> Revocation? {
        let published = try await get("/.well-known/jwks.json")
        let keys = try #require(KeySet(parsing: published.bytes))
        return try SecurityEventToken.read(text, issuer: Self.issuer, keys: keys)
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
