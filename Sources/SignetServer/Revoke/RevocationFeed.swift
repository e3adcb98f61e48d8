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

    let store: any SessionStore
    let events: SignedEvents
    let readers: FeedReaders
    let tail: RevocationTail

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        try await readers.check(request)
        let query = request.uri.queryParameters
        if request.headers[.accept]?.contains("text/event-stream") != true || query["after"] != nil {
            return try await page(after: position(query["after"].map(String.init)))
        }
        let start = try position(request.headers[.lastEventID])
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no"],
            body: ResponseBody { writer in
                try await stream(from: start, to: &writer)
                try await writer.finish(nil)
            }
        )
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
    @concurrent private func stream(from start: FeedPosition?, to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: \(Self.retry)\n\n"))
        var position = start
        var isSnapshot = false
        var isLive = false
        while !isOver {
            let seen = tail.count
            let page = try await store.revocations(after: position, limit: Self.pageLength)
            isSnapshot = isSnapshot || page.isSnapshot
            try await write(page, isSnapshot: isSnapshot, to: &writer)
            position = page.position
            if page.hasMore { continue }
            if !isLive {
                isLive = true
                isSnapshot = false
                try await writer.write(
                    ByteBuffer(string: "id: \(page.position)\nevent: live\ndata: {\"position\":\"\(page.position)\"}\n\n"))
            }
            // Until there is more, or it is time to show that the connection lives.
            while tail.count == seen, !isOver {
                guard await tail.next(after: seen, within: Self.heartbeat) == nil, !isOver else { break }
                try await writer.write(ByteBuffer(string: ": keep-alive\n\n"))
            }
        }
    }

    private var isOver: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    @concurrent private func write(_ page: RevocationPage, isSnapshot: Bool, to writer: inout any ResponseBodyWriter) async throws
    {
        let signed = try await events.signed(page.entries)
        var text = ""
        for (entry, event) in zip(page.entries, signed) {
            text +=
                isSnapshot
                ? "event: snapshot\ndata: \(event)\n\n" : "id: \(entry.position)\nevent: revocation\ndata: \(event)\n\n"
        }
        if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
    }
}

/// The position is not one that this server gave.
struct PositionRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "This is no position of the feed; leave it out to begin with a snapshot." }
    var reason: String { "malformed_position" }
    var tellsReason: Bool { false }
}
