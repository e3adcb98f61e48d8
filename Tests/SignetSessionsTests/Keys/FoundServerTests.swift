import Foundation
import SignetSQLite
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Founding a server")
struct FoundServerTests {
    @Test("makes a signing key and a refresh key, the next one of each, the built-in clients and the operator's role")
    func founds() async throws {
        let fixture = try await StoryOnSQLite()
        let foundation = fixture.story.foundation

        #expect(foundation.issuer == StoreTrial.issuer)
        let keys = foundation.signingKeys
        #expect(Set(keys.map { keys.state(of: $0, at: fixture.story.clock.now) }) == [.active, .standby(from: nil)])
        #expect(foundation.refreshKeys.active?.version == 1)
        #expect(foundation.refreshKeys.standby?.version == 2)
        #expect(foundation.salt.reveal { $0.count } == 32)
        #expect(try await fixture.story.store.clients().map(\.id) == [.signet, .signetBrowser, .signetCLI])
        try await fixture.story.user(roles: ["admin"])
    }

    @Test("happens once: the second start finds the same keys, whatever issuer it names")
    func once() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story

        let (again, masterKeys) = try await found(story)(issuer: "https://other.example.com")

        #expect(again.issuer == StoreTrial.issuer)
        #expect(again.signingKeys.map(\.keyID) == story.foundation.signingKeys.map(\.keyID))
        #expect(again.refreshKeys.map(\.sealed) == story.foundation.refreshKeys.map(\.sealed))
        #expect(masterKeys.map(\.id) == story.masterKeys.map(\.id))
    }

    @Test("at once by several processes ends with one server, whose keys everyone can open")
    func race() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()

        let keyIDs = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let store = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
                    let story = try await Story(store: store, clock: clock, folder: folder)
                    return await story.ring.current().signingKey.publicKey.keyID
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }

        #expect(keyIDs.count == 1)
    }

    @Test("is not repeated over a database whose key file is gone: that is one clear sentence, and no new key file")
    func keyFileGone() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try FileManager.default.removeItem(atPath: story.keyFile.path)

        await #expect(throws: MasterKeyFileProblem.missing(story.keyFile.path)) {
            try await found(story)(issuer: StoreTrial.issuer)
        }

        #expect(!FileManager.default.fileExists(atPath: story.keyFile.path))
    }

    @Test("makes no database whose key file cannot be written")
    func keyFileUnwritable() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        let store = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
        let keyFile = MasterKeyFile(path: folder.file("nowhere/signet.key"))
        let found = FoundServer(store: store, keyFile: keyFile, clock: clock, randomBytes: systemRandomBytes)

        await #expect(throws: MasterKeyFileProblem.unwritable(keyFile.path)) { try await found(issuer: StoreTrial.issuer) }

        #expect(try await store.foundation() == nil)
    }

    private func found(_ story: Story) -> FoundServer {
        FoundServer(store: story.store, keyFile: story.keyFile, clock: story.clock, randomBytes: systemRandomBytes)
    }
}
