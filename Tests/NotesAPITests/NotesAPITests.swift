import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import SignetTestKit
import SignetTokens
import SignetVerifier
import Testing

@testable import NotesAPI

@Suite("The notes API")
final class NotesAPITests {
    let clock = ManualClock()
    let issuer = TestIssuer()
    let folder = FileManager.default.temporaryDirectory.appending(path: "notes-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    @Test("a person adds notes, lists them with the newest first, and deletes one")
    func story() async throws {
        let first = try await call(.post, "/notes", body: #"{"text":"Buy bread"}"#)
        clock.advance(by: .seconds(1))
        let second = try await call(.post, "/notes", body: #"{"text":"Köln – 👩‍🚀"}"#)
        let id = try #require(first.json?.object?["id"]?.string)

        #expect(first.status == 201)
        #expect(first.json?.object?["text"] == "Buy bread")
        #expect(first.json?.object?["created_at"] == "2023-11-14T22:13:20Z")
        #expect(first.cacheControl == "no-store")
        #expect(try await texts() == ["Köln – 👩‍🚀", "Buy bread"])
        #expect(second.status == 201)

        #expect(try await call(.delete, "/notes/\(id)").status == 204)
        #expect(try await texts() == ["Köln – 👩‍🚀"])
        #expect(try await call(.delete, "/notes/\(id)").status == 404)
    }

    @Test("everybody sees their own notes alone, and somebody else's is answered like one that never was")
    func strangers() async throws {
        let note = try await call(.post, "/notes", body: #"{"text":"secret"}"#)
        let id = try #require(note.json?.object?["id"]?.string)

        let stolen = try await call(.delete, "/notes/\(id)", as: "grace")
        let imagined = try await call(.delete, "/notes/00000000-0000-4000-8000-000000000000", as: "grace")

        #expect(try await texts(of: "grace").isEmpty)
        #expect(stolen.status == 404)
        #expect(stolen == imagined)
        #expect(try await texts() == ["secret"])
    }

    @Test(
        "each call needs its scope",
        arguments: [
            (.get, "notes:write", 403), (.get, "notes:read", 200), (.post, "notes:read", 403), (.post, "notes:write", 201),
            (.post, "", 403),
        ] as [(HTTPRequest.Method, String, Int)])
    func scopes(_ method: HTTPRequest.Method, _ scope: String, _ status: Int) async throws {
        let answer = try await call(method, "/notes", body: #"{"text":"a"}"#, scope: try #require(Scope(scope)))

        #expect(answer.status == status)
    }

    @Test("without a token only the health check answers")
    func health() async throws {
        #expect(try await call(.get, "/health", as: nil).status == 200)
        #expect(try await call(.get, "/notes", as: nil).status == 401)
        #expect(try await call(.post, "/notes", body: "{}", as: nil).status == 401)
        #expect(try await call(.delete, "/notes/1", as: nil).status == 401)
    }

    @Test("an expired token gets 401")
    func expired() async throws {
        let token = try issuer.claims(at: clock.now, scope: "notes:read").signed(with: issuer.key)
        clock.advance(by: .seconds(330))

        #expect(try await call(.get, "/notes", token: token).status == 401)
    }

    @Test(
        "a body that is not a note is refused with a problem",
        arguments: [
            ("", 400), ("{", 400), ("[]", 400), (#""text""#, 400), (#"{"text":"a"}{}"#, 400), (#"{"text":"a","text":"b"}"#, 400),
            (#"{"text":"a","\u0074ext":"b"}"#, 400), (#"{"text":"\ud800"}"#, 400), (#"{"a":1e999}"#, 400), ("{}", 422),
            (#"{"text":1}"#, 422), (#"{"text":null}"#, 422), (#"{"text":""}"#, 422), (#"{"Text":"a"}"#, 422),
        ])
    func malformed(_ body: String, _ status: Int) async throws {
        let answer = try await call(.post, "/notes", body: body)

        #expect(answer.status == status)
        #expect(answer.contentType == "application/problem+json")
        #expect(answer.json?.object?["status"] == .integer(Int64(status)))
    }

    @Test("a note has at most 10,000 characters", arguments: [(10_000, 201), (10_001, 422)])
    func longest(_ length: Int, _ status: Int) async throws {
        let text = String(repeating: "a", count: length)

        #expect(try await call(.post, "/notes", body: #"{"text":"\#(text)"}"#).status == status)
    }

    @Test("a request of more than 64 KiB gets 413")
    func tooLong() async throws {
        let answer = try await call(.post, "/notes", body: #"{"text":"a"}"# + String(repeating: " ", count: 64 * 1024))

        #expect(answer.status == 413)
        #expect(answer.contentType == "application/problem+json")
    }

    @Test(
        "only JSON is read",
        arguments: [(nil, 415), ("text/plain", 415), ("application/json; charset=utf-8", 201), ("Application/JSON", 201)])
    func contentType(_ type: String?, _ status: Int) async throws {
        #expect(try await call(.post, "/notes", body: #"{"text":"a"}"#, contentType: type).status == status)
    }

    @Test("nobody has more than a thousand notes, however many ask at once")
    func mostNotes() async throws {
        let store = try NoteStore(path: folder.appending(path: "notes.db").path)
        for number in 0..<995 { _ = try await store.add(note("\(number)"), of: "ada") }

        let added = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                let note = note("late \(number)")
                group.addTask { try await store.add(note, of: "ada") }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(added == 5)
        #expect(try await store.notes(of: "ada").count == 1000)
        #expect(try await store.add(note("hers"), of: "grace"))
        #expect(try await call(.post, "/notes", body: #"{"text":"a"}"#).status == 409)
    }

    @Test("notes outlive the process, in a STRICT table under WAL")
    func durable() async throws {
        _ = try await call(.post, "/notes", body: #"{"text":"kept"}"#)

        #expect(try await texts() == ["kept"])
        let modes = try await DatabaseQueue(path: folder.appending(path: "notes.db").path).read { database in
            [
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try String.fetchOne(database, sql: "SELECT strict FROM pragma_table_list WHERE name = 'note'"),
            ]
        }
        #expect(modes == ["wal", "1"])
    }

    private struct Answer: Hashable {
        let status: Int
        let contentType: String?
        let cacheControl: String?
        let json: JSONValue?
    }

    /// One call on a newly opened store.
    private func call(
        _ method: HTTPRequest.Method, _ path: String, body: String? = nil, as subject: String? = "ada",
        scope: Scope = "notes:read notes:write", contentType: String? = "application/json", token: Secret<String>? = nil
    ) async throws -> Answer {
        var headers = HTTPFields()
        headers[.contentType] = contentType
        if let token = try token ?? subject.map({ try issuer.token(at: clock.now, subject: $0, scope: scope) }) {
            headers[.authorization] = token.reveal { "Bearer \($0)" }
        }
        let verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", keySet: issuer.keySet, clock: clock)
        let routes = NotesRoutes(notes: try NoteStore(path: folder.appending(path: "notes.db").path), clock: clock)
        let fields = headers
        return try await Application(router: routes.router(verifier: verifier), logger: .test).test(.router) { client in
            let response = try await client.execute(
                uri: path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
            return Answer(
                status: response.status.code, contentType: response.headers[.contentType],
                cacheControl: response.headers[.cacheControl], json: try? JSONValue(parsing: response.body.readableBytesView))
        }
    }

    private func texts(of subject: String = "ada") async throws -> [String] {
        let notes = try await call(.get, "/notes", as: subject).json?.object?["notes"]?.array
        return try #require(notes).compactMap { $0.object?["text"]?.string }
    }

    private func note(_ text: String) -> Note {
        Note(id: .timeOrdered(at: clock.now, systemRandomBytes), text: text, createdAt: clock.now)
    }
}
