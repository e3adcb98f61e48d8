public import Foundation
import HTTPTypes
public import SignetTokens

#if canImport(FoundationNetworking)
    public import FoundationNetworking
#endif

extension SignetClient {
    /// Calls an API as the person who is signed in, as `URLSession.data(for:)` would.
    ///
    /// The access token is renewed first when it has expired or is about to. When the API answers 401 with `error="invalid_token"`
    /// it is renewed once and the request sent once more; a request with a body stream is not sent again, its 401 is the answer.
    /// A renewal is waited for no longer than the request's `timeoutInterval`, and neither is an answer.
    /// A redirect is followed within the same origin only; one to another origin is the answer, for the app to decide.
    ///
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func data(for request: URLRequest) async throws -> (Data, HTTPURLResponse) {
        guard let url = request.url, let origin = Origin(url), origins.contains(origin) else {
            throw SignetClientError.originNotNamed(request.url.flatMap(Origin.init)?.description ?? "this address")
        }
        guard origin.isConfidential else { throw SignetClientError.insecure(origin.description) }

        let (outgoing, body) = try Self.parts(of: request, to: origin)
        let timeout = request.patience
        let (response, data, path) = try await call(
            outgoing, body: body, timeout: timeout, isRepeatable: request.httpBodyStream == nil)
        guard let answer = HTTPURLResponse(response, at: URL(string: "\(origin)\(path)") ?? url) else {
            throw SignetClientError.faulty(status: response.status.code)
        }
        return (data, answer)
    }

    /// An access token that can be used now, renewed first when it has to be; for a caller that sends it by other means.
    /// - Parameter limit: how long to wait for a renewal.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func accessToken(within limit: Duration = .seconds(60)) async throws -> Secret<String> {
        try await renewal.session(within: limit).accessToken
    }

    /// The session that is stored, as it is, without renewing: who is signed in, and where.
    /// - Throws: ``SignetClientError``: `notSignedIn`, `signedInElsewhere`, `store`.
    public func storedSession() async throws -> StoredSession {
        try await renewal.load()
    }

    /// One call with the access token, repeated once if the token is refused; also the path that answered, after redirects.
    func call(
        _ request: HTTPRequest, body: Data? = nil, timeout: Duration = .seconds(30), isRepeatable: Bool = true
    ) async throws -> (HTTPResponse, Data, path: String) {
        let session = try await renewal.session(within: timeout)
        let answer = try await send(request, body, session.accessToken, timeout, isRepeatable: isRepeatable)
        guard rejectsAccessToken(answer.0) else { return answer }

        let renewed = try await renewal.session(rejecting: session, within: timeout)
        return isRepeatable ? try await send(request, body, renewed.accessToken, timeout) : answer
    }

    private func send(
        _ request: HTTPRequest, _ body: Data?, _ token: Secret<String>, _ timeout: Duration, isRepeatable: Bool = true
    ) async throws -> (HTTPResponse, Data, path: String) {
        var next = Redirection(request: request, body: body)
        for _ in 0..<5 {
            var outgoing = next.request
            outgoing.headerFields[.authorization] = token.reveal { "Bearer \($0)" }
            let (response, data) = try await exchange(outgoing, next.body, timeout)
            guard let further = next.followed(to: response), isRepeatable || further.body == nil else {
                return (response, data, next.request.path ?? "/")
            }
            next = further
        }
        throw SignetClientError.network(TransportError("too many redirects"))
    }

    private func exchange(_ request: HTTPRequest, _ body: Data?, _ timeout: Duration) async throws -> (HTTPResponse, Data) {
        do {
            return try await transport.send(request, body: body, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SignetClientError.noAnswer(error)
        }
    }
}

extension SignetClient {
    private static func parts(of request: URLRequest, to origin: Origin) throws -> (HTTPRequest, Data?) {
        guard let url = request.url, let method = HTTPRequest.Method(request.httpMethod ?? "GET") else {
            throw SignetClientError.originNotNamed("this address")
        }
        var path = url.path(percentEncoded: true)
        if !path.hasPrefix("/") { path = "/" + path }
        if let query = url.query(percentEncoded: true) { path += "?" + query }

        var fields = HTTPFields()
        for (name, value) in request.allHTTPHeaderFields ?? [:] {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let outgoing = HTTPRequest(
            method: method, scheme: origin.scheme, authority: origin.authority, path: path, headerFields: fields)
        return (outgoing, try request.httpBody ?? request.httpBodyStream.map(bytes))
    }

    /// The stream's bytes, read to its end.
    private static func bytes(of stream: InputStream) throws -> Data {
        stream.open()
        defer { stream.close() }
        var data = Data()
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = stream.read(&chunk, maxLength: chunk.count)
            guard count >= 0 else { throw SignetClientError.network(TransportError("the request's body cannot be read")) }
            guard count > 0 else { return data }
            data += chunk.prefix(count)
        }
    }
}

extension HTTPURLResponse {
    fileprivate convenience init?(_ response: HTTPResponse, at url: URL) {
        let fields = response.headerFields.reduce(into: [String: String]()) { fields, field in
            // Several lines of one name mean the same as one with commas (RFC 9110, section 5.3).
            fields[field.name.rawName] = fields[field.name.rawName].map { "\($0), \(field.value)" } ?? field.value
        }
        self.init(url: url, statusCode: response.status.code, httpVersion: "HTTP/1.1", headerFields: fields)
    }
}
