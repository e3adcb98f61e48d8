import NIOPosix
import SignetSQLite
import SignetSessions
import SignetTestKit

/// The use cases over a real database file in a folder of their own.
struct StoryOnSQLite {
    let folder: TemporaryFolder
    let story: Story

    init(
        issuer: String = StoreTrial.issuer, defaults: PolicyDefaults = PolicyDefaults(), pool: NIOThreadPool = .singleton,
        maximumWaiting: Int = 100
    ) async throws {
        folder = try TemporaryFolder()
        let clock = ManualClock()
        let store = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
        story = try await Story(
            store: store, clock: clock, folder: folder, issuer: issuer, defaults: defaults, pool: pool,
            maximumWaiting: maximumWaiting)
    }
}
