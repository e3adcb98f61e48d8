public import AsyncHTTPClient
import Foundation
import HTTPTypes
public import NIOCore
import NIOHTTP1
public import SignetClient

// The calls of `HTTPClient`, under its names, with the access token.
extension AuthorizedClient {
    /// Calls an API as `HTTPClient.execute(_:timeout:)` would.
    ///
    ///     var request = HTTPClientRequest(url: "https://api.example.com/notes")
    ///     let response = try await client.execute(request, timeout: .seconds(30))
    ///     let notes = try await response.body.collect(upTo: 1024 * 1024)
    ///
    /// The access token is got first when there is none that can be used. When the API answers 401 with `error="invalid_token"`,
    /// another is got once and the request sent once more; a body that is a stream is not sent again, its 401 is the answer.
    /// A redirect is followed within the same origin only; one to another origin is the answer, for the caller to decide.
    ///
    /// - Parameter timeout: for all of it until the head of the answer is there.
    /// - Throws: ``SignetClient/SignetClientError``; `CancellationError`. What breaks the body later is thrown where it is read.
    public func execute(_ request: HTTPClientRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
        try await execute(request, deadline: .now() + timeout)
    }

    /// Calls an API as `HTTPClient.execute(_:deadline:)` would; see ``execute(_:timeout:)``.
    /// - Parameter deadline: when the head of the answer must be there.
    /// - Throws: ``SignetClient/SignetClientError``; `CancellationError`. What breaks the body later is thrown where it is read.
    public func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        let calls = calls
        let outgoing = try calls.request(
            HTTPRequest.Method(request.method.rawValue), to: URL(string: request.url), HTTPFields(request.headers))

        let (_, response, _) = try await calls.call(
            outgoing, isRepeatable: request.body?.isRepeatable ?? true, within: { Duration(deadline - .now()) }
        ) { next, keepsBody in
            guard var sent = HTTPClientRequest(next) else { throw TransportError("the address of the request is not a URL") }
            sent.tlsConfiguration = request.tlsConfiguration
            sent.localAddress = request.localAddress
            sent.body = keepsBody ? request.body : nil
            let response = try await translatingErrors { [sent] in
                guard let transport = calls.transport as? AsyncHTTPClientTransport else {
                    return try await calls.transport.execute(next, sent.body, deadline)
                }
                var sent = sent
                // A client that is not ours may follow a redirect before we see it; but it sends no stream a second time.
                if !transport.isOwn { sent.body = sent.body?.asStream }
                return try await transport.execute(sent, deadline: deadline)
            }
            return (HTTPResponse(response), response)
        }
        return response
    }
}

extension Transport {
    /// The same over a transport that knows nothing of async-http-client, such as one of a test: the body is collected first.
    fileprivate func execute(
        _ request: HTTPRequest, _ body: HTTPClientRequest.Body?, _ deadline: NIODeadline
    ) async throws -> HTTPClientResponse {
        let timeout = Duration(deadline - .now())
        return try await withTimeLimit(timeout) {
            let data = try await body?.reduce(into: Data()) { $0.append(contentsOf: $1.readableBytesView) }
            let (response, body) = try await self.open(request, body: data.map(RequestBody.data) ?? .empty, timeout: timeout)
            var incoming = HTTPClientResponse(response)
            incoming.body = .stream(body.map { ByteBuffer(bytes: $0) })
            return incoming
        }
    }
}

extension HTTPClientRequest.Body {
    /// Whether it can be sent again. async-http-client knows, but does not tell; should it once be built otherwise, nothing is
    /// sent again, and a test says so.
    var isRepeatable: Bool {
        guard let mode = Mirror(reflecting: self).descendant("mode") else { return false }
        return switch Mirror(reflecting: mode).children.first {
        case ("byteBuffer"?, _)?: true
        case ("sequence"?, let value)?: Mirror(reflecting: value).descendant("canBeConsumedMultipleTimes") as? Bool ?? false
        default: false
        }
    }

    /// The same as a stream, which async-http-client sends once.
    var asStream: HTTPClientRequest.Body {
        var length: Int?
        if let mode = Mirror(reflecting: self).descendant("mode"), let (label, value) = Mirror(reflecting: mode).children.first,
            label == "byteBuffer"
        {
            length = (value as? ByteBuffer)?.readableBytes
        }
        return .stream(self, length: length.map { .known(Int64($0)) } ?? .unknown)
    }
}
