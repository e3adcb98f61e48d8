public import AsyncHTTPClient
public import Foundation
public import HTTPTypes
import NIOCore
import NIOHTTP1
public import SignetClient

/// Requests by async-http-client, for servers and other programs that run for long: slow readers slow the sender down, files are
/// sent from the disk, and no broken connection ends the process.
///
/// A redirect is never followed.
public final class AsyncHTTPClientTransport: Transport {
    private let client: HTTPClient
    /// Whether the client follows no redirects, for it is ours.
    let isOwn: Bool
    private let userAgent: String?
    private let bodyLimit: Int?

    /// A transport with a connection pool of its own, which closes when nobody holds the transport and its answers any more.
    ///
    /// - Parameters:
    ///   - configuration: for certificates, proxies and the like; `nil` gives up at once where nobody listens. Redirects are not
    ///     followed, whatever it says.
    ///   - userAgent: goes with each request that has no `User-Agent` itself.
    ///   - bodyLimit: the longest answer that is taken, in bytes; `nil` sets no limit. `execute` leaves that to whoever reads the body.
    public init(configuration: HTTPClient.Configuration? = nil, userAgent: String? = nil, bodyLimit: Int? = nil) {
        var own = configuration ?? HTTPClient.Configuration()
        own.redirectConfiguration = .disallow
        // The callers here ask again by themselves, and say when they have waited long enough.
        if configuration == nil { own.connectionPool.retryConnectionEstablishment = false }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: own)
        isOwn = true
        self.userAgent = userAgent
        self.bodyLimit = bodyLimit
    }

    /// A transport on a client that is there already, and is shut down by whoever made it.
    ///
    /// - Parameters:
    ///   - client: best with `redirectConfiguration: .disallow`: an answer for which it followed a redirect is an error. Neither a
    ///     token nor a body of ours goes to another origin even then.
    ///   - userAgent: goes with each request that has no `User-Agent` itself.
    ///   - bodyLimit: the longest answer that is taken, in bytes; `nil` sets no limit. `execute` leaves that to whoever reads the body.
    public init(_ client: HTTPClient, userAgent: String? = nil, bodyLimit: Int? = nil) {
        self.client = client
        isOwn = false
        self.userAgent = userAgent
        self.bodyLimit = bodyLimit
    }

    deinit {
        if isOwn { client.shutdown { _ in } }
    }

    /// Sends one request and gives its whole answer; a redirect is given like any other answer.
    /// - Throws: `CancellationError`, or a ``SignetClient/TransportError``.
    public func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        // Silence alone is no limit for a whole answer: a server that sends a byte now and then would hold a store's lock for ever.
        try await withTimeLimit(timeout) {
            let (response, body) = try await self.open(request, body: body.map(RequestBody.data) ?? .empty, timeout: timeout)
            return (response, try await body.collect())
        }
    }

    /// Sends one request and gives its answer as it arrives; a redirect is given like any other answer.
    /// - Throws: `CancellationError`, or a ``SignetClient/TransportError``.
    public func open(
        _ request: HTTPRequest, body: RequestBody, timeout: Duration
    ) async throws -> (HTTPResponse, ResponseBody) {
        guard var outgoing = HTTPClientRequest(request) else { throw TransportError("the address of the request is not a URL") }
        let silence = Silence(limit: timeout)
        outgoing.body = try OutgoingPieces.of(body, breaking: silence)

        let incoming = try await translatingErrors { [outgoing] in
            try await silence.orEnd { try await self.execute(outgoing, deadline: .distantFuture) }
        }
        if let bodyLimit, let length = incoming.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > bodyLimit {
            throw TransportError.tooLong(bodyLimit)
        }
        let pieces = IncomingPieces(incoming.body, patience: timeout, limit: bodyLimit)
        return (HTTPResponse(incoming), ResponseBody(pieces))
    }

    /// Sends a request as `HTTPClient.execute` does, but never gives an answer to which a redirect has led.
    func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        var request = request
        if let userAgent, !request.headers.contains(name: "User-Agent") {
            request.headers.add(name: "User-Agent", value: userAgent)
        }
        var response = try await client.execute(request, deadline: deadline)
        guard response.history.count < 2 else {
            throw TransportError("the HTTPClient followed a redirect; give it redirectConfiguration: .disallow")
        }
        // Whoever has the answer has the connections.
        if isOwn { response.body = .stream(response.body.map { buffer in withExtendedLifetime(self) { buffer } }) }
        return response
    }
}
