import HTTPTypes
import Hummingbird
import NIOCore
import SignetSessions
import SignetTokens

/// `GET /v1/revocations`: the revocation log as server-sent events, each a signed Security Event Token, or as JSON with `?after=`.
struct RevocationFeed: Sendable {
    let store: any SessionStore
    let events: SignedEvents
    let pages: FeedPages
    let readers: FeedReaders
    let tail: RevocationTail
    let clock: any WallClock
    let pulse: any Clock<Duration>

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let reader = try await readers.reader(of: request, context)
        let query = request.uri.queryParameters
        if query["after"] != nil || Self.wantsJSON(request) {
            return try await page(after: position(query["after"].map(String.init)))
        }
        let start = try position(request.headers[.lastEventID])
        let stream = FeedStream(
            reader: reader, readers: readers, pages: pages, tail: tail, clock: clock, pulse: pulse,
            connection: (context as? any ConnectedRequestContext)?.channel)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no"],
            body: ResponseBody { writer in
                try await stream.write(from: start, to: &writer)
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
        let page = try await store.revocations(after: position, limit: FeedPages.length)
        let signed = try await events.signed(page.entries)
        return Response(
            .ok,
            json: [
                "snapshot": .bool(page.isSnapshot), "position": .string(page.position.description), "more": .bool(page.hasMore),
                "events": .array(signed.map(JSONValue.string)),
            ]
        )
    }
}

/// The position is not one that this server gave.
struct PositionRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "This is no position of the feed; leave it out to begin with a snapshot." }
    var reason: String { "malformed_position" }
    var tellsReason: Bool { false }
}
