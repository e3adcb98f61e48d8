public import Foundation
public import HTTPTypes

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Requests by `URLSession`: no cookies, no cache, no redirects.
///
/// On Linux, Foundation up to Swift 6.3 ends the process when a connection breaks within the header lines of an answer
/// (swift-corelibs-foundation, issue 5285). The session survives that like any other death; a program that must not die
/// gives its ``SignetClient`` another ``Transport``.
public struct URLSessionTransport: Transport {
    private let session: URLSession
    private let exchanges: URLSessionExchanges

    /// A transport with a session of its own.
    public init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        exchanges = URLSessionExchanges()
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    /// Sends one request and gives its answer; a redirect is given like any other answer.
    /// - Throws: `CancellationError`, or a ``TransportError``.
    public func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        guard var outgoing = URLRequest(request) else { throw TransportError("the address of the request is not a URL") }
        outgoing.httpBody = body
        outgoing.timeoutInterval = timeout / .seconds(1)

        let (answer, data) = try await exchange(outgoing)
        return (HTTPResponse(answer), data)
    }

    private func exchange(_ request: URLRequest) async throws -> (HTTPURLResponse, Data) {
        let task = session.dataTask(with: request)
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                exchanges.begin(task, continuation)
                task.resume()
            }
        } onCancel: {
            // The delegate hears of it, and resumes the continuation.
            task.cancel()
        }
    }
}

extension URLRequest {
    fileprivate init?(_ request: HTTPRequest) {
        guard let scheme = request.scheme, let authority = request.authority,
            let url = URL(string: "\(scheme)://\(authority)\(request.path ?? "/")")
        else {
            return nil
        }
        self.init(url: url)
        httpMethod = request.method.rawValue
        for field in request.headerFields { addValue(field.value, forHTTPHeaderField: field.name.rawName) }
    }
}

extension HTTPResponse {
    fileprivate init(_ answer: HTTPURLResponse) {
        self.init(status: Status(code: answer.statusCode))
        for case (let name as String, let value as String) in answer.allHeaderFields {
            if let name = HTTPField.Name(name) { headerFields.append(HTTPField(name: name, value: value)) }
        }
    }
}
