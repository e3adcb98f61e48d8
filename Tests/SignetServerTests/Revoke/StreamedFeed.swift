import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetServer

/// One event of the feed's stream, or the comment that keeps it alive.
struct StreamedEvent: Sendable {
    var name: String?
    var id: String?
    var data: String?
    var retry: String?
    var isComment = false

    init(_ block: String) {
        for line in block.split(separator: "\n") {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? String(sides[1].drop { $0 == " " }) : ""
            switch sides[0] {
            case "event": name = value
            case "id": id = value
            case "data": data = value
            case "retry": retry = value
            default: isComment = true
            }
        }
    }
}

/// What a reader of the feed is sent, event by event.
struct StreamedEvents {
    /// The stream was brought to its end where an event was expected.
    struct Ended: Error {}

    /// The stream broke off.
    struct Cut: Error {}

    fileprivate var iterator: AsyncThrowingStream<StreamedEvent, any Error>.Iterator

    /// The next one; this waits for it.
    mutating func next() async throws -> StreamedEvent {
        guard let event = try await iterator.next(isolation: #isolation) else { throw Ended() }
        return event
    }

    /// Everything up to and with the mark that the reader is up to date.
    mutating func untilLive() async throws -> [StreamedEvent] {
        var events: [StreamedEvent] = []
        repeat { events.append(try await next()) } while events.last?.name != "live"
        return events
    }
}

extension TestServer {
    /// What the resource server `notes-api` says of itself.
    static let reader: HTTPFields = [
        .authorization: "Basic " + Data("notes-api:notes-api-secret".utf8).base64EncodedString()
    ]

    /// Runs `body` against a new server at which a resource server is registered.
    static func runFeed(
        pulse: ManualClock? = nil, _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await run(configure: { if let pulse { $0.pulse = pulse } }) { server in
            try await server.addClient(
                "notes-api", isFirstParty: false, grants: [], scope: .none, resources: ["urn:notes"],
                secret: "notes-api-secret", isResourceServer: true)
            try await body(server)
        }
    }

    /// The request for the feed's stream.
    static func feedRequest(_ headers: HTTPFields, after position: String? = nil) -> HTTPRequest {
        var headers = headers
        headers[.accept] = "text/event-stream"
        headers[.lastEventID] = position
        return HTTPRequest(method: .get, scheme: "https", authority: "a", path: "/v1/revocations", headerFields: headers)
    }

    /// Reads the feed straight from the router while `body` does, which takes as many events as it wants: by itself the feed ends only
    /// with its reader's credential.
    func readFeed(
        _ headers: HTTPFields = [:], after position: String? = nil, _ body: (inout StreamedEvents) async throws -> Void
    ) async throws {
        let response = try await DirectClient(self).answer(Self.feedRequest(headers, after: position))
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/event-stream")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.xAccelBuffering] == "no")
        #expect(response.headers[.contentEncoding] == nil)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: StreamedEvent.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await response.body.write(StreamedBody(continuation))
                    continuation.finish(throwing: StreamedEvents.Cut())
                } catch {
                    continuation.finish(throwing: StreamedEvents.Cut())
                }
            }
            var events = StreamedEvents(iterator: stream.makeAsyncIterator())
            try await body(&events)
            group.cancelAll()
        }
    }
}

/// Takes a stream apart at its blank lines.
private final class StreamedBody: ResponseBodyWriter {
    private let continuation: AsyncThrowingStream<StreamedEvent, any Error>.Continuation
    private var rest = ""

    init(_ continuation: AsyncThrowingStream<StreamedEvent, any Error>.Continuation) {
        self.continuation = continuation
    }

    func write(_ buffer: ByteBuffer) async throws {
        var parts = (rest + String(buffer: buffer)).components(separatedBy: "\n\n")
        rest = parts.removeLast()
        for part in parts { continuation.yield(StreamedEvent(part)) }
    }

    func finish(_ trailers: HTTPFields?) async throws {
        continuation.finish()
    }
}

extension ManualClock {
    /// Moves on as soon as so many are asleep.
    func advance(by duration: Duration, whenAsleep count: Int) async throws {
        try await until { sleepers >= count }
        advance(by: duration)
    }
}
