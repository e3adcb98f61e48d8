import SignetSessions
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@Suite("The key ring", .timeLimit(.minutes(5)))
struct KeyRingTests {
    private struct DatabaseAway: Error {}

    @Test("holds the keys in use and the next ones, all of them opened")
    func holds() async throws {
        let fixture = try await StoryOnSQLite()
        let ring = await fixture.story.ring.current()

        #expect(ring.issuer == StoreTrial.issuer)
        #expect(ring.refreshKey.version == 1)
        #expect(ring.refreshKeys.keys.sorted() == [1, 2])
        #expect(ring.published.keys.count == 2)
        #expect(ring.published.keys.contains { $0.keyID == ring.signingKey.publicKey.keyID })
    }

    @Test("does not look for a version that it has")
    func known() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        story.clock.advance(by: .seconds(5))

        _ = try await story.ring.holding(refreshKey: 2)

        #expect(story.store.calls.isEmpty)
    }

    @Test("finds a version that another process has made")
    func finds() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let masterKey = try #require(story.masterKeys.first)
        let third = SealedRefreshKey(
            version: 3, sealed: try masterKey.seal(Secret(Array(repeating: 3, count: 32)), for: "signet refresh key 3"),
            masterKeyID: masterKey.id, createdAt: story.clock.now, activatesAt: nil)
        let founded = story.foundationAfterKeyRotation
        story.store.tell(
            of: ServerFoundation(
                issuer: founded.issuer, salt: founded.salt, signingKeys: founded.signingKeys,
                refreshKeys: founded.refreshKeys + [third]))
        story.clock.advance(by: .seconds(1))

        let ring = try await story.ring.holding(refreshKey: 3)

        #expect(ring.refreshKeys.keys.sorted() == [1, 2, 3])
        #expect(ring.refreshKey.version == 2)
        #expect(await story.ring.current().refreshKey.version == 2)
    }

    @Test("looks once however many ask while it looks")
    func singleFlight() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let gate = Gate()
        story.store.intercept { _ in await gate.pass() }
        story.clock.advance(by: .seconds(1))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await story.ring.holding(refreshKey: 99) }
            try await until { !story.store.calls.isEmpty }
            // Even when a second has passed meanwhile.
            story.clock.advance(by: .seconds(2))
            for _ in 0..<50 { group.addTask { _ = try await story.ring.holding(refreshKey: 99) } }
            for _ in 0..<200 { await Task.yield() }
            #expect(story.store.calls == ["foundation()"])
            await gate.open()
            try await group.waitForAll()
        }
    }

    @Test("looks at most once a second")
    func onceASecond() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story

        story.clock.advance(by: .milliseconds(999))
        _ = try await story.ring.holding(refreshKey: 99)
        #expect(story.store.calls.isEmpty)

        story.clock.advance(by: .milliseconds(1))
        _ = try await story.ring.holding(refreshKey: 99)
        _ = try await story.ring.holding(refreshKey: 99)
        #expect(story.store.calls.count == 1)

        story.clock.advance(by: .seconds(1))
        _ = try await story.ring.holding(refreshKey: 99)
        #expect(story.store.calls.count == 2)
    }

    @Test("looks again when the clock was set back")
    func clockSetBack() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        story.clock.advance(by: .seconds(-3600))

        _ = try await story.ring.holding(refreshKey: 99)

        #expect(story.store.calls.count == 1)
    }

    @Test("answers with a fault while it cannot look, never with a refusal, and asks the store once a second even then")
    func failing() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let strange = RefreshKey(version: 99, material: Secret(Array(repeating: 1, count: 32)))
        let token = RefreshToken(
            first: .random(systemRandomBytes), session: .random(systemRandomBytes), key: strange, systemRandomBytes)
        story.store.intercept { _ in throw DatabaseAway() }
        story.clock.advance(by: .seconds(1))

        for _ in 0..<3 {
            await #expect(throws: DatabaseAway.self) { try await story.renew(token.text) }
        }
        #expect(story.store.calls.count == 1)

        story.store.intercept(nil)
        story.clock.advance(by: .seconds(1))
        await #expect(throws: RenewalRefusal.malformed) { try await story.renew(token.text) }
    }

    @Test("of a master key other than the one that sealed the keys is one clear sentence")
    func otherMasterKey() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let other = MasterKey(id: story.masterKeys[0].id, material: Secret(Array(repeating: 5, count: 32)))

        for keys in [[other], []] {
            #expect(throws: MasterKeyFileProblem.otherKey(story.keyFile.path)) {
                try KeyRing(story.foundation, masterKeys: keys, keyFile: story.keyFile, store: story.store, clock: story.clock)
            }
        }
    }
}

/// Holds whoever comes until it is opened.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
