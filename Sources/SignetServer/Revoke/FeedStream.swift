import Hummingbird
import NIOCore
import ServiceLifecycle
import SignetTokens

/// One reader's connection to the feed: what it has missed or a snapshot, the mark that it is up to date, and then each new entry as it
/// comes, for as long as its credential is good.
struct FeedStream: Sendable {
    /// A line that keeps the connection, and its reader's confidence, alive.
    static let heartbeat: Duration = .seconds(15)
    /// How soon a reader may come back, in milliseconds.
    static let retry = 2000
    /// How long a reader may take to accept what it is sent; then its connection is closed, and it comes back with `Last-Event-ID`.
    static let patience: Duration = .seconds(30)

    let reader: FeedReader
    let readers: FeedReaders
    let pages: FeedPages
    let tail: RevocationTail
    let clock: any WallClock
    let pulse: any Clock<Duration>
    /// What is closed when the reader takes nothing.
    let connection: (any Channel)?

    /// Writes from a position on until the connection, the credential or the server ends.
    ///
    /// - Throws: what the connection or the store throws: no heartbeat says that all is known when it cannot be.
    @concurrent func write(from start: FeedPosition?, to writer: inout any ResponseBodyWriter) async throws {
        try await send("retry: \(Self.retry)\n\n", to: &writer)
        var position = start
        var isSnapshot = false
        var isLive = false
        var admittedAt = clock.now
        while !isOver {
            // Before the log is read: what is written in between is then seen as a move.
            let seen = tail.count
            let page =
                if isLive, let position {
                    try await pages.page(after: position, sinceMove: seen)
                } else {
                    try await pages.page(after: position, isSnapshot: isSnapshot)
                }
            isSnapshot = page.isSnapshot
            // Of a log that began anew the reader knows nothing, however long it has followed the old one.
            if isSnapshot { isLive = false }
            try await send(page.text, to: &writer)
            position = page.position
            if page.ends(reader) || isTimeToAsk(since: admittedAt) {
                guard try await readers.stillAdmit(reader) else { return }
                admittedAt = clock.now
            }
            if page.hasMore { continue }
            if isSnapshot || !isLive {
                (isSnapshot, isLive) = (false, true)
                try await send(
                    "id: \(page.position)\nevent: live\ndata: {\"position\":\"\(page.position)\"}\n\n", to: &writer)
            }
            // Until there is more, or it is time to show that the connection lives.
            while await tail.next(after: seen, within: Self.heartbeat) == nil, !isOver {
                guard try await readers.stillAdmit(reader) else { return }
                admittedAt = clock.now
                try await send(": keep-alive\n\n", to: &writer)
            }
        }
    }

    /// Where there is always something to send there is no heartbeat. A clock that was set back says nothing about how long it was.
    private func isTimeToAsk(since admittedAt: UnixTime) -> Bool {
        !(.zero..<Self.heartbeat).contains(admittedAt.duration(to: clock.now))
    }

    private var isOver: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    @concurrent private func send(_ text: String, to writer: inout any ResponseBodyWriter) async throws {
        try await send(ByteBuffer(string: text), to: &writer)
    }

    /// Writes, and meanwhile watches that the reader takes it: what it does not take is not kept for it.
    @concurrent private func send(_ bytes: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        guard bytes.readableBytes > 0 else { return }
        async let _ = cut()
        try await writer.write(bytes)
    }

    @concurrent private func cut() async {
        do {
            try await pulse.sleep(for: Self.patience)
            connection?.close(promise: nil)
        } catch {
            // It was taken in time.
        }
    }
}
