import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

@Suite("The store in a file")
final class FileTokenStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "signet-\(UUID().uuidString)")
    private var path: String { folder.appending(path: "state/tokens.json").path(percentEncoded: false) }
    private let scene = Scene()

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    @Test("gives back what was written, with a file for its owner alone in a folder of the same kind (APP-1)")
    func roundTrip() async throws {
        let store = FileTokenStore(path)
        #expect(try store.read() == nil)
        _ = try await scene.signedIn(store: store)
        var session = try #require(try store.read())
        session.idempotencyKey = .random(seededRandomBytes(1))

        try store.write(session)

        let read = try #require(try store.read())
        #expect(
            plain(Secret(String(decoding: read.json.reveal { copy $0 }, as: UTF8.self)))
                == plain(Secret(String(decoding: session.json.reveal { copy $0 }, as: UTF8.self))))
        #expect(try mode(path) == 0o600)
        #expect(try mode((path as NSString).deletingLastPathComponent) == 0o700)
        #expect(try mode(path + ".lock") == 0o600)
        try store.clear()
        #expect(try store.read() == nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent) == [
                "tokens.json.lock"
            ])
    }

    @Test("rights that somebody has widened are narrow again after a replacement")
    func rights() async throws {
        let store = FileTokenStore(path)
        _ = try await scene.signedIn(store: store)
        let session = try #require(try store.read())
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)

        try store.write(session)

        #expect(try mode(path) == 0o600)
    }

    @Test(
        "a damaged file is an error of its own, and nobody overwrites or removes it",
        arguments: [
            "", "{", "{}", "null", "[1]", #"{"version":2}"#, "\u{0}\u{0}\u{0}\u{0}", "<html>",
        ])
    func damaged(content: String) async throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(filePath: path))
        let store = FileTokenStore(path)
        let client = scene.client(store: store)
        let damaged = TokenStoreError(.damaged, at: path)

        #expect(await failure { try await client.accessToken() } == .store(damaged))
        #expect(await failure { try await client.signIn(username: "ada", password: FakeSignet.password) } == .store(damaged))
        #expect(await failure { try await client.signOut() } == .store(damaged))
        #expect(await failure { try await client.forget() } == .store(damaged))
        #expect(throws: damaged) { try store.write(Self.session) }
        #expect(throws: damaged) { try store.clear() }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(content.utf8))
        #expect(scene.server.with { $0.requests.isEmpty })
    }

    @Test("every file cut short is damaged, none passes for a session")
    func cutShort() throws {
        let bytes = Self.session.json.reveal { copy $0 }

        for length in 0..<(bytes.count - 1) {
            #expect(StoredSession(json: Secret(Array(bytes[..<length]))) == nil)
        }
        #expect(StoredSession(json: Secret(bytes)) != nil)
    }

    @Test("a draft that a crash left behind is in nobody's way, and is not written through a link to another file")
    func leftover() throws {
        let store = FileTokenStore(path)
        let draft = path + ".new"
        let other = path + ".other"
        try store.write(Self.session)
        let content = Data(String(repeating: "half a session ", count: 1000).utf8)
        let layDrafts: [() throws -> Void] = [
            { try content.write(to: URL(filePath: draft)) },
            { try FileManager.default.createSymbolicLink(atPath: draft, withDestinationPath: other) },
            { try FileManager.default.linkItem(atPath: other, toPath: draft) },
        ]

        for layDraft in layDrafts {
            try content.write(to: URL(filePath: other))
            try layDraft()
            try store.write(Self.session)

            #expect(try store.read() != nil)
            #expect(!FileManager.default.fileExists(atPath: draft))
            #expect(try Data(contentsOf: URL(filePath: other)) == content)
        }
    }

    @Test("clearing also removes the draft that a crash left behind, for there may be a token in it", arguments: [true, false])
    func clearsDraft(hasSession: Bool) throws {
        let store = FileTokenStore(path)
        try store.write(Self.session)
        if !hasSession { try store.clear() }
        try Data("half a session".utf8).write(to: URL(filePath: path + ".new"))

        try store.clear()

        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        #expect(try store.read() == nil)
    }

    @Test("two clients on one file renew once, and a third adopts it after a restart")
    func shared() async throws {
        _ = try await scene.signedIn(store: FileTokenStore(path))
        scene.pass(.seconds(300))

        // The wait for a lock is counted by a real clock here, for its holder writes to a real disk meanwhile.
        let (first, second) = (client(seed: 60), client(seed: 61))
        async let one = first.accessToken()
        async let two = second.accessToken()
        let tokens = [plain(try await one), plain(try await two)]

        #expect(Set(tokens).count == 1)
        #expect(try await plain(scene.client(store: FileTokenStore(path), seed: 62).accessToken()) == tokens[0])
        #expect(scene.server.renewals.count == 1)
    }

    private func client(seed: UInt64) -> SignetClient {
        SignetClient(
            server: Scene.url, store: FileTokenStore(path), transport: scene.server, clock: scene.wall,
            monotonicClock: ContinuousClock(), randomBytes: seededRandomBytes(seed))
    }

    static let session = session(server: "https://id.example.com", deviceName: "Ada's \"laptop\"\n")

    static func session(server: String, deviceName: String) -> StoredSession {
        StoredSession(
            server: server, clientID: .signetCLI, userID: .random(seededRandomBytes(5)),
            sessionID: .random(seededRandomBytes(6)), deviceName: deviceName, accessToken: Secret("eyJ.a.b"),
            scope: "account", receivedAt: UnixTime(seconds: 1_700_000_000), lifetime: .seconds(300), clockOffset: .zero,
            refreshToken: Secret("sgr1_x"), idempotencyKey: .random(seededRandomBytes(7)))
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
