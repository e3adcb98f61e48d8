import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import SignetSessions
import SignetTokens

/// `GET /v1/revocations`: the revocation log as server-sent events, each a signed Security Event Token, or as JSON with `?after=`.
struct RevocationFeed: Sendable {
    /// How many entries are read from the store at once.
    static let pageLength = 500
    /// A line that keeps the connection, and its reader's confidence, alive.
    static let heartbeat: Duration = .seconds(15)
    /// How soon a reader may come back, in milliseconds.
    static let retry = 2000
    /// How long a reader may take to accept what it is sent; then its connection is closed, and it comes back with `Last-Event-ID`.
    static let patience: Duration = .seconds(30)

    let store: any SessionStore
    let events: SignedEvents
    let readers: FeedReaders
    let tail: RevocationTail
    let clock: any Clock<Duration>

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        try await readers.check(request, context)
        let query = request.uri.queryParameters
        if query["after"] != nil || Self.wantsJSON(request) {
            return try await page(after: position(query["after"].map(String.init)))
        }
        let start = try position(request.headers[.lastEventID])
        let connection = (context as? any ConnectedRequestContext)?.channel
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no"],
            body: ResponseBody { writer in
                try await stream(from: start, to: &writer, over: connection)
                try await writer.finish(nil)
            }
        )
    }

    /// Whoever names no form gets the stream.
    private static func wantsJSON(_ request: Request) -> Bool {
        guard let accepted = request.headers[.accept] else { return false }
        return accepted.contains("application/json") && !accepted.contains("text/event-stream")
    }

    private func position(_ text: String?) throws(PositionRefusal) -> FeedPosition? {
        guard let text, !text.isEmpty else { return nil }
        guard let position = FeedPosition(text) else { throw PositionRefusal() }
        return position
    }

    private func page(after position: FeedPosition?) async throws -> Response {
        let page = try await store.revocations(after: position, limit: Self.pageLength)
        let signed = try await events.signed(page.entries)
        return Response(
            .ok,
            json: [
                "snapshot": .bool(page.isSnapshot), "position": .string(page.position.description), "more": .bool(page.hasMore),
                "events": .array(signed.map(JSONValue.string)),
            ]
        )
    }

    /// What the reader has missed or a snapshot, the mark that it is up to date, and then each new entry as it comes.
    @concurrent private func stream(
        from start: FeedPosition?, to writer: inout any ResponseBodyWriter, over connection: (any Channel)?
    ) async throws {
        try await send("retry: \(Self.retry)\n\n", to: &writer, over: connection)
        var position = start
        var isSnapshot = false
        var isLive = false
        while !isOver {
            // Before the log is read: what is written in between is then seen as a move.
            let seen = tail.count
            let page = try await store.revocations(after: position, limit: Self.pageLength)
            isSnapshot = isSnapshot || page.isSnapshot
            try await send(text(of: page, isSnapshot: isSnapshot), to: &writer, over: connection)
            position = page.position
            if page.hasMore { continue }
            if isSnapshot || !isLive {
                (isSnapshot, isLive) = (false, true)
                let mark = "id: \(page.position)\nevent: live\ndata: {\"position\":\"\(page.position)\"}\n\n"
                try await send(mark, to: &writer, over: connection)
            }
            // Until there is more, or it is time to show that the connection lives.
            while await tail.next(after: seen, within: Self.heartbeat) == nil, !isOver {
                try await send(": keep-alive\n\n", to: &writer, over: connection)
            }
        }
    }

    private var isOver: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    private func text(of page: RevocationPage, isSnapshot: Bool) async throws -> String {
        let signed = try await events.signed(page.entries)
        return zip(page.entries, signed).map { entry, event in
            isSnapshot ? "event: snapshot\ndata: \(event)\n\n" : "id: \(entry.position)\nevent: revocation\ndata: \(event)\n\n"
        }.joined()
    }

    /// Writes, and meanwhile watches that the reader takes it: what it does not take is not kept for it.
    @concurrent private func send(
        _ text: String, to writer: inout any ResponseBodyWriter, over connection: (any Channel)?
    ) async throws {
        guard !text.isEmpty else { return }
        async let _ = cut(connection)
        try await writer.write(ByteBuffer(string: text))
    }

    @concurrent private func cut(_ connection: (any Channel)?) async {
        do {
            try await clock.sleep(for: Self.patience)
            connection?.close(promise: nil)
        } catch {
            // It was taken in time.
        }
    }
}

/// The position is not one that this server gave.
struct PositionRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "This is no position of the feed; leave it out to begin with a snapshot." }
    var reason: String { "malformed_position" }
    var tellsReason: Bool { false }
}
