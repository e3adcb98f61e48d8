import NIOCore
import SignetSessions
import SignetTokens

/// The log's pages as the stream's readers are sent them.
///
/// Readers who are up to date all need the same page at the same moment: it is read and written out once for all of them.
actor FeedPages {
    /// How many entries are read from the store at once.
    static let length = 500
    /// How many pages are kept; readers who are up to date need one or two.
    private static let capacity = 16

    private struct Place: Hashable {
        let position: FeedPosition
        /// Which key signs: what a key has signed that was retired since is not sent again.
        let keyID: String
    }

    private let store: any SessionStore
    private let events: SignedEvents
    private var moves = 0
    private var pages: [Place: Task<FeedPage, any Error>] = [:]

    init(store: any SessionStore, events: SignedEvents) {
        self.store = store
        self.events = events
    }

    /// The page after a position, or the first of a snapshot, as the log is now.
    ///
    /// - Parameter isSnapshot: whether the reader is in the middle of one.
    nonisolated func page(after position: FeedPosition?, isSnapshot: Bool) async throws -> FeedPage {
        let page = try await store.revocations(after: position, limit: Self.length)
        return FeedPage(page, events: try await events.signed(page.entries), isSnapshot: isSnapshot || page.isSnapshot)
    }

    /// The page after the position of a reader who follows the log: at least what it held when it was seen to have moved so often.
    func page(after position: FeedPosition, sinceMove moves: Int) async throws -> FeedPage {
        let place = Place(position: position, keyID: await events.keyID)
        if moves > self.moves || pages.count >= Self.capacity { pages = [:] }
        self.moves = max(moves, self.moves)
        if let page = pages[place] { return try await page.value }
        let page = Task { try await self.page(after: position, isSnapshot: false) }
        pages[place] = page
        do {
            return try await page.value
        } catch {
            // The next reader tries again.
            pages[place] = nil
            throw error
        }
    }
}

/// A page as it is sent.
struct FeedPage: Sendable {
    let text: ByteBuffer
    /// Whether it belongs to a snapshot.
    let isSnapshot: Bool
    /// Where to read on.
    let position: FeedPosition
    /// Whether more are there already.
    let hasMore: Bool
    private let subjects: Set<RevokedSubject>

    /// Whether it holds a revocation of the reader's own credential.
    func ends(_ reader: FeedReader) -> Bool {
        !subjects.isDisjoint(with: reader.subjects)
    }

    fileprivate init(_ page: RevocationPage, events: [String], isSnapshot: Bool) {
        let text = zip(page.entries, events).map { entry, event in
            isSnapshot ? "event: snapshot\ndata: \(event)\n\n" : "id: \(entry.position)\nevent: revocation\ndata: \(event)\n\n"
        }.joined()
        self.text = ByteBuffer(string: text)
        self.isSnapshot = isSnapshot
        position = page.position
        hasMore = page.hasMore
        subjects = Set(page.entries.map(\.revocation.subject))
    }
}
