import NIOCore
import SignetSQLite
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetServer

@Suite("The pages that readers of the feed share", .timeLimit(.minutes(5)))
struct FeedPagesTests {
    private static let reading = "revocations(after:limit:)"

    private let folder: TemporaryFolder
    private let story: Story
    private let pages: FeedPages

    init() async throws {
        folder = try TemporaryFolder()
        let clock = ManualClock()
        story = try await Story(
            store: SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock), clock: clock, folder: folder)
        pages = FeedPages(store: story.store, events: SignedEvents(keys: story.ring, clock: clock))
        try await story.user()
    }

    @Test("a thousand who are up to date cost one reading, and get the same text")
    func sharesReading() async throws {
        let start = try await story.store.endOfRevocations()
        try await revoke()

        let texts = try await withThrowingTaskGroup(of: ByteBuffer.self) { [pages] group in
            for _ in 0..<1000 { group.addTask { try await pages.page(after: start, sinceMove: 1).text } }
            return try await group.reduce(into: Set<ByteBuffer>()) { $0.insert($1) }
        }

        #expect(texts.count == 1)
        #expect(texts.first.map { String(buffer: $0) }?.hasPrefix("id: ") == true)
        #expect(readings == 1)
    }

    @Test("when the log has moved it is read again, also from the same place")
    func readsAgain() async throws {
        let start = try await story.store.endOfRevocations()
        let nothing = try await pages.page(after: start, sinceMove: 1)
        try await revoke()

        let late = try await pages.page(after: start, sinceMove: 1)
        let next = try await pages.page(after: start, sinceMove: 2)
        let latecomer = try await pages.page(after: start, sinceMove: 1)

        #expect(nothing.text.readableBytes == 0)
        #expect(late.text == nothing.text, "whoever has seen no move is woken by it")
        #expect(next.text.readableBytes > 0)
        #expect(next.position != start)
        #expect(latecomer.text == next.text)
        #expect(readings == 2)
    }

    @Test("whoever begins gets what there is at that moment")
    func readsFresh() async throws {
        let empty = try await pages.page(after: nil, isSnapshot: false)
        try await revoke()
        let snapshot = try await pages.page(after: nil, isSnapshot: false)

        #expect(empty.isSnapshot && empty.text.readableBytes == 0)
        #expect(String(buffer: snapshot.text).hasPrefix("event: snapshot\ndata: "))
    }

    @Test("a reading that failed is not kept")
    func forgetsFailures() async throws {
        struct DatabaseAway: Error {}
        let start = try await story.store.endOfRevocations()
        try await revoke()
        story.store.intercept { _ in throw DatabaseAway() }
        await #expect(throws: DatabaseAway.self) { try await pages.page(after: start, sinceMove: 1) }

        story.store.intercept(nil)

        #expect(try await pages.page(after: start, sinceMove: 1).text.readableBytes > 0)
    }

    private var readings: Int { story.store.calls.count { $0 == Self.reading } }

    private func revoke() async throws {
        try await story.revoke(#require(story.signIn().refreshToken), client: nil, origin: .unknown)
    }
}
