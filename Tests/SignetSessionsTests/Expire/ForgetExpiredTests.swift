import SignetSessions
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@Suite("Forgetting what has expired", .timeLimit(.minutes(1)))
struct ForgetExpiredTests {
    private let pulse = ManualClock()

    @Test("removes dead sessions and old revocations in small steps, and says after each what it removed")
    func steps() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let live = try await story.signIn()
        for _ in 0..<5 { try await signOut(story.signIn(), story) }
        story.clock.advance(by: .seconds(7 * 86_400))
        _ = try await story.renew(live.refreshToken)

        var reports: [Forgotten] = []
        try await forget(story, removing: 2) { reports.append($0) }

        #expect(reports.map(\.sessions) == [2, 2, 1, 0, 0, 0])
        #expect(reports.map(\.revocations) == [0, 0, 0, 2, 2, 1])
        #expect(try await story.ending(of: live) == nil)
        #expect(try await story.store.standing(of: live.sessionID, user: live.userID, defaults: story.defaults) != nil)
    }

    @Test("removes nothing, and reports nothing, while nothing is old enough")
    func nothing() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        try await signOut(story.signIn(), story)
        story.clock.advance(by: .seconds(3899))

        try await forget(story) { _ in Issue.record("nothing was to be removed") }
    }

    @Test("rests after each step nine times as long as the step took")
    func rests() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        for _ in 0..<3 { try await signOut(story.signIn(), story) }
        story.clock.advance(by: .seconds(7 * 86_400))
        let before = story.store.calls.count
        story.store.intercept { _ in pulse.advance(by: .milliseconds(20)) }

        let task = Task { try await forget(story, removing: 2) { _ in } }
        for step in 1...4 {
            try await until { pulse.sleepers == 1 }
            #expect(story.store.calls.count == before + step)
            pulse.advance(by: .milliseconds(179))
            #expect(pulse.sleepers == 1)
            pulse.advance(by: .milliseconds(1))
        }

        try await task.value
        let calls = story.store.calls.suffix(4).map { $0.prefix { $0 != "(" } }
        #expect(calls == ["forgetDeadSessions", "forgetDeadSessions", "forgetRevocations", "forgetRevocations"])
    }

    @Test("a step that fails ends the pass, and what was removed before is reported")
    func fails() async throws {
        struct Fault: Error {}
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        for _ in 0..<4 { try await signOut(story.signIn(), story) }
        story.clock.advance(by: .seconds(7 * 86_400))
        let steps = Mutex(0)
        story.store.intercept { _ in
            let step = steps.withLock { step in
                step += 1
                return step
            }
            if step == 2 { throw Fault() }
        }

        var total = Forgotten()
        await #expect(throws: Fault.self) { try await forget(story, removing: 1) { total += $0 } }
        #expect(total == Forgotten(sessions: 1))
    }

    @Test("ends within a step when it is cancelled")
    func cancelled() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        story.store.intercept { _ in pulse.advance(by: .seconds(1)) }

        let task = Task { try await forget(story) { _ in } }
        try await until { pulse.sleepers == 1 }
        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private func signOut(_ pair: TokenPair, _ story: Story) async throws {
        try await story.revoke(#require(pair.refreshToken), client: nil, origin: .unknown)
    }

    private func forget(_ story: Story, removing: Int = 50, report: (Forgotten) -> Void) async throws {
        try await ForgetExpired(
            store: story.store, defaults: story.defaults, deadFor: .seconds(7 * 86_400),
            limits: ForgettingLimits(looking: 100, removing: removing), clock: pulse
        )(report: report)
    }
}
