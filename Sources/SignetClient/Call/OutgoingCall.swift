import Foundation
import HTTPTypes

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A call that is to be made with the access token, checked and ready to be sent, also more than once.
struct OutgoingCall: Sendable {
    let request: HTTPRequest
    var body = RequestBody.empty
    /// How long to wait for a renewal, and how long the server may be silent.
    var timeout = Duration.seconds(30)
    /// Whether it may be sent again when its token was refused.
    var isRepeatable = true
}

extension OutgoingCall {
    /// The call that an app wants to make.
    /// - Parameter body: what goes with it; without it, what the request itself holds.
    /// - Throws: ``SignetClientError``: `originNotNamed`, `insecure`, before anything has left; `network` when the request's stream breaks.
    init(_ request: URLRequest, body: RequestBody? = nil, with calls: AuthorizedCalls) async throws {
        self.request = try calls.request(
            HTTPRequest.Method(request.httpMethod ?? "GET"), to: request.url, HTTPFields(request.allHTTPHeaderFields ?? [:]))
        timeout = request.patience
        isRepeatable = body != nil || request.httpBodyStream == nil
        if let body {
            self.body = body
        } else if let data = try await Self.body(of: request) {
            self.body = .data(data)
        }
    }

    /// The body that the request itself holds; a stream is read to its end. Whoever fills the stream may need the caller's thread.
    @concurrent
    private static func body(of request: URLRequest) async throws -> Data? {
        try request.httpBody ?? request.httpBodyStream.map(bytes)
    }

    private static func bytes(of stream: InputStream) throws -> Data {
        stream.open()
        defer { stream.close() }
        var data = Data()
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            try Task.checkCancellation()
            let count = stream.read(&chunk, maxLength: chunk.count)
            guard count >= 0 else { throw SignetClientError.network(TransportError("the request's body cannot be read")) }
            guard count > 0 else { return data }
            data += chunk.prefix(count)
        }
    }
}

extension URL {
    /// Path and query, as they stand in a request's first line (RFC 9112, section 3.2.1).
    var requestTarget: String {
        let path = path(percentEncoded: true)
        let absolute = path.hasPrefix("/") ? path : "/" + path
        return query(percentEncoded: true).map { "\(absolute)?\($0)" } ?? absolute
    }
}

extension HTTPFields {
    fileprivate init(_ fields: [String: String]) {
        self.init()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
