import AsyncHTTPClient
public import HTTPTypes
import NIOCore
import NIOHTTP1

/// The transport over async-http-client: no redirects, a time-out for the whole exchange, bodies of at most 1 MiB; streams have a
/// time-out for their head alone.
public final class HTTPClientTransport: Transport, StreamingTransport {
    /// Why an exchange was given up.
    public enum Fault: Error, Hashable, Sendable {
        /// The answer was not complete in time.
        case timedOut
        /// The request has no scheme, authority or path.
        case incompleteRequest
    }

    private let client: HTTPClient
    private let timeout: Duration

    /// A transport with a connection pool of its own, which closes when nobody holds the transport any more.
    /// - Parameter timeout: for connecting, sending and receiving together.
    public init(timeout: Duration = .seconds(5)) {
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
        self.timeout = timeout
    }

    deinit {
        client.shutdown { _ in }
    }

    /// Sends a request and collects the answer.
    /// - Throws: ``Fault``, or what async-http-client throws, also for a body that is too long.
    public func send(_ request: HTTPRequest, body: [UInt8]) async throws -> (response: HTTPResponse, body: [UInt8]) {
        // The client's own deadline ends with the head: a server that sends one byte a second would hold us for ever.
        try await withThrowingTaskGroup(of: (response: HTTPResponse, body: [UInt8]).self) { group in
            group.addTask { try await self.exchange(request, body: body) }
            group.addTask {
                try await Task.sleep(for: self.timeout)
                throw Fault.timedOut
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw Fault.timedOut }
            return answer
        }
    }

    /// Sends a request, and gives the answer's body as it arrives.
    /// - Throws: ``Fault``, or what async-http-client throws.
    public func open(
        _ request: HTTPRequest
    ) async throws -> (response: HTTPResponse, body: any AsyncSequence<[UInt8], any Error> & Sendable) {
        let (response, body) = try await execute(request, body: [])
        // Pulled buffer by buffer, so that a slow reader slows the sender down. The body holds us, for our end would be its own.
        return (response, body.map { buffer in withExtendedLifetime(self) { Array(buffer.readableBytesView) } })
    }

    private func exchange(_ request: HTTPRequest, body: [UInt8]) async throws -> (response: HTTPResponse, body: [UInt8]) {
        let (response, body) = try await execute(request, body: body)
        let collected = try await body.collect(upTo: FetchKeySet.bodyLimit)
        return (response, Array(collected.readableBytesView))
    }

    private func execute(_ request: HTTPRequest, body: [UInt8]) async throws -> (HTTPResponse, HTTPClientResponse.Body) {
        guard let scheme = request.scheme, let authority = request.authority, let path = request.path else {
            throw Fault.incompleteRequest
        }
        var outgoing = HTTPClientRequest(url: "\(scheme)://\(authority)\(path)")
        outgoing.method = .init(rawValue: request.method.rawValue)
        for field in request.headerFields { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if !body.isEmpty { outgoing.body = .bytes(ByteBuffer(bytes: body)) }

        let incoming: HTTPClientResponse
        do {
            incoming = try await client.execute(outgoing, timeout: .nanoseconds(timeout.nanoseconds))
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw Fault.timedOut
        }
        var response = HTTPResponse(status: .init(code: Int(incoming.status.code)))
        for (name, value) in incoming.headers {
            if let name = HTTPField.Name(name) { response.headerFields.append(HTTPField(name: name, value: value)) }
        }
        return (response, incoming.body)
    }
}

extension Duration {
    /// Whole nanoseconds, saturating.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carried ? .max : sum
    }
}
