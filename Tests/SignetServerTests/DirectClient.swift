import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import SignetServer

/// Hands requests straight to the router's responder: exactly these headers, no framework in between, thousands a second.
struct DirectClient<Context: RequestContext>: Sendable where Context.Source == ApplicationRequestContextSource {
    private let responder: RouterResponder<Context>
    private let channel = NIOAsyncTestingChannel()
    private let logger: Logger

    init(_ responder: RouterResponder<Context>, log: CapturedLog) {
        self.responder = responder
        var logger = log.logger
        logger[metadataKey: "hb.request.id"] = "direct"
        self.logger = logger
    }

    func send(_ head: HTTPRequest, _ body: [UInt8]) async throws -> Answer {
        let response = try await answer(head, body)
        let collected = CollectedBody()
        try await response.body.write(collected)
        return Answer(status: response.status.code, headers: response.headers, bytes: collected.bytes)
    }

    /// The answer with a body that is not written yet; `channel` is the connection that it is for.
    func answer(_ head: HTTPRequest, _ body: [UInt8] = [], over channel: (any Channel)? = nil) async throws -> Response {
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
        let context = Context(source: ApplicationRequestContextSource(channel: channel ?? self.channel, logger: logger))
        return try await responder.respond(to: request, context: context)
    }
}

extension DirectClient<InMemoryContext> {
    init(_ server: TestServer) {
        self.init(Serve.router(for: server.signet, context: InMemoryContext.self).buildResponder(), log: server.log)
    }
}

/// What a response writes.
private final class CollectedBody: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws {
        bytes += Array(buffer.readableBytesView)
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}
