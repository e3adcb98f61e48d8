import Foundation
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Rotating the master key", .timeLimit(.minutes(1)))
struct RotateMasterKeyTests {
    private struct Interrupted: Error {}

    private let fixture: StoryOnSQLite
    private var story: Story { fixture.story }

    init() async throws {
        fixture = try await StoryOnSQLite()
        try await fixture.story.user()
    }

    private var rotate: RotateMasterKey {
        RotateMasterKey(store: story.store, keyFile: story.keyFile, clock: story.clock, randomBytes: systemRandomBytes)
    }

    private func sealedUnder() async throws -> Set<String> {
        let foundation = try #require(try await story.store.foundation())
        return Set(foundation.signingKeys.map(\.masterKeyID) + foundation.refreshKeys.map(\.masterKeyID))
    }

    @Test("seals every key anew, leaves the new master key alone in the file, and nobody notices")
    func rotates() async throws {
        let old = story.masterKeys[0].id
        let pair = try await story.signIn()
        let signingKey = await story.ring.current().signingKey.publicKey.keyID

        let new = try await rotate(by: .admin)

        #expect(new != old)
        #expect(try story.keyFile.read().map(\.id) == [new])
        #expect(try await sealedUnder() == [new])
        try await story.ring.catchUp()
        #expect(await story.ring.held.masterKeyID == new)
        #expect(await story.ring.current().signingKey.publicKey.keyID == signingKey)
        _ = try await story.renew(pair.refreshToken, accessToken: pair.accessToken)
        #expect(try await story.store.auditEntries(limit: 1).first?.entry.event == .masterKeyRotated)
    }

    @Test("keeps the file's mode, and a link to it a link")
    func keepsTheFile() async throws {
        let target = story.keyFile.path + ".real"
        try FileManager.default.moveItem(atPath: story.keyFile.path, toPath: target)
        try FileManager.default.createSymbolicLink(atPath: story.keyFile.path, withDestinationPath: target)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: target)

        let new = try await rotate(by: .admin)

        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: story.keyFile.path) == target)
        #expect(try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int == 0o640)
        #expect(try MasterKeyFile(path: target).read().map(\.id) == [new])
    }

    @Test("is finished by the next try, wherever it was interrupted", arguments: ["changeKeys(_:)", "runningServers()"])
    func interrupted(at method: String) async throws {
        let pair = try await story.signIn()
        story.store.intercept { if $0 == method { throw Interrupted() } }
        await #expect(throws: Interrupted.self) { try await rotate(by: .admin) }
        // Whoever starts now can open the keys, and so can whoever reads them anew.
        #expect(try story.keyFile.read().count == 2)
        story.store.intercept(nil)
        try await story.ring.reload()
        let added = try #require(story.keyFile.read().last?.id)

        #expect(try await rotate(by: .admin) == added)

        #expect(try story.keyFile.read().map(\.id) == [added])
        #expect(try await sealedUnder() == [added])
        try await story.ring.catchUp()
        _ = try await story.renew(pair.refreshToken)
    }

    @Test("keeps the old key in the file while a server that runs has not taken up the new one, and waits for it to")
    func waitsForServers() async throws {
        let old = story.masterKeys[0].id
        let server = ServerID.random(systemRandomBytes)
        try await story.store.report(server, masterKeyID: old, keyCacheTime: .seconds(300))

        let id = try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await rotate(by: .admin) }
            while story.clock.sleepers == 0 { await Task.yield() }
            #expect(try story.keyFile.read().count == 2)
            let new = try #require(try await sealedUnder().first)
            try await story.store.report(server, masterKeyID: new, keyCacheTime: .seconds(300))
            story.clock.advance(by: .seconds(1))
            return try #require(try await group.next())
        }

        #expect(try story.keyFile.read().map(\.id) == [id])
    }

    @Test("many at once end with one master key, under which everything is sealed and which the file holds alone")
    func race() async throws {
        for _ in 0..<10 {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        do {
                            _ = try await rotate(by: .admin)
                        } catch MasterKeyRefusal.underWay {
                            // Another one is at it.
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
                await group.waitForAll()
            }
            let held = try story.keyFile.read().map(\.id)
            #expect(held.count == 1)
            #expect(try await sealedUnder() == Set(held))
        }
    }

    @Test("leaves no draft of the file behind, not even one of a process that died")
    func drafts() async throws {
        let draft = story.keyFile.path + ".abcdefgh.new"
        try Data("half a file".utf8).write(to: URL(fileURLWithPath: draft))

        _ = try await rotate(by: .admin)

        #expect(!FileManager.default.fileExists(atPath: draft))
    }

    @Test("says so when a server does not follow, and both keys stay")
    func serverBehind() async throws {
        let server = ServerID.random(systemRandomBytes)
        let rotate = RotateMasterKey(
            store: story.store, keyFile: story.keyFile, clock: story.clock, randomBytes: systemRandomBytes, patience: .seconds(5))
        try await story.store.report(server, masterKeyID: story.masterKeys[0].id, keyCacheTime: .seconds(300))

        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: MasterKeyRefusal.serversBehind) { try await rotate(by: .admin) }
            }
            while story.clock.sleepers == 0 { await Task.yield() }
            story.clock.advance(by: .seconds(5))
            await group.waitForAll()
        }

        #expect(try story.keyFile.read().count == 2)
    }
}
