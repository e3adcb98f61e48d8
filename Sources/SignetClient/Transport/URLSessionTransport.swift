public import Foundation
public import HTTPTypes

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Requests by `URLSession`: no cookies, no cache, no redirects.
///
/// On Linux, Foundation up to Swift 6.3 ends the process when a connection breaks within the header lines of an answer
/// (swift-corelibs-foundation, issue 5285). The session survives that like any other death; a program that must not die
/// uses `SignetClientNIO`. Nor can Foundation there slow a server down: an answer of which 64 MiB wait to be read is broken off.
public struct URLSessionTransport: Transport {
    private let session: Session

    /// A transport with a session of its own.
    public init() {
        self.init(unreadLimit: 64 * 1024 * 1024)
    }

    /// - Parameter unreadLimit: how much of an answer may wait to be read, in bytes.
    init(unreadLimit: Int) {
        session = Session(unreadLimit: unreadLimit)
    }

    /// Sends one request and gives its whole answer; a redirect is given like any other answer.
    /// - Throws: `CancellationError`, or a ``TransportError``.
    public func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        // The session's own limit begins anew with each byte: a server that sends one a minute would hold the store's lock for ever.
        try await withTimeLimit(timeout) {
            let (response, body) = try await open(request, body: body.map(RequestBody.data) ?? .empty, timeout: timeout)
            return (response, try await body.collect())
        }
    }

    /// Sends one request and gives its answer as it arrives; a redirect is given like any other answer.
    /// - Throws: `CancellationError`, or a ``TransportError``.
    public func open(
        _ request: HTTPRequest, body: RequestBody, timeout: Duration
    ) async throws -> (HTTPResponse, ResponseBody) {
        guard var outgoing = URLRequest(request) else { throw TransportError("the address of the request is not a URL") }
        outgoing.timeoutInterval = timeout / .seconds(1)

        let answer = try session.begin(outgoing, body)
        let head = try await answer.head()
        return (HTTPResponse(head), answer.body)
    }

    /// A session that ends with the transport, once its exchanges have ended.
    private final class Session: Sendable {
        private let session: URLSession
        private let exchanges: URLSessionExchanges

        init(unreadLimit: Int) {
            exchanges = URLSessionExchanges(unreadLimit: unreadLimit)
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpCookieStorage = nil
            configuration.httpShouldSetCookies = false
            configuration.urlCache = nil
            configuration.urlCredentialStorage = nil
            configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
            session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
        }

        deinit {
            // Until then the session holds its delegate.
            session.finishTasksAndInvalidate()
        }

        func begin(_ request: URLRequest, _ body: RequestBody) throws(TransportError) -> URLSessionAnswer {
            let task: URLSessionTask
            switch body {
            case .empty: task = session.dataTask(with: request)
            case .data(let data):
                var request = request
                request.httpBody = data
                task = session.dataTask(with: request)
            case .file(let url):
                // Of a folder Foundation on Linux would send the length, and wait.
                guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true,
                    FileManager.default.isReadableFile(atPath: url.path(percentEncoded: false))
                else {
                    throw .unreadableFile
                }
                task = session.uploadTask(with: request, fromFile: url)
            }
            return exchanges.begin(task)
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
