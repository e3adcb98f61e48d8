public import Foundation
import HTTPTypes
public import SignetTokens

#if canImport(FoundationNetworking)
    public import FoundationNetworking
#endif

// The calls of `URLSession`, under its names, with the access token.
extension AuthorizedClient {
    /// Calls an API as `URLSession.data(for:)` would.
    ///
    /// The access token is renewed first when it has expired or is about to. When the API answers 401 with `error="invalid_token"`
    /// it is renewed once and the request sent once more; a request with a body stream is not sent again, its 401 is the answer.
    /// A renewal is waited for no longer than the request's `timeoutInterval`, and no longer may the server be silent.
    /// A redirect is followed within the same origin only; one to another origin is the answer, for the app to decide.
    ///
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func data(for request: URLRequest) async throws -> (Data, HTTPURLResponse) {
        try await collected(await OutgoingCall(request, with: calls))
    }

    /// Gets what is at a URL, as `URLSession.data(from:)` would; see ``data(for:)``.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func data(from url: URL) async throws -> (Data, HTTPURLResponse) {
        try await data(for: URLRequest(url: url))
    }

    /// Calls an API with `body`, as `URLSession.upload(for:from:)` would; see ``data(for:)``.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func upload(for request: URLRequest, from body: Data) async throws -> (Data, HTTPURLResponse) {
        try await collected(await OutgoingCall(request, body: .data(body), with: calls))
    }

    /// Calls an API with what stands in a file, as `URLSession.upload(for:fromFile:)` would; see ``data(for:)``.
    ///
    /// The file is read while it is sent, and once more when the request has to be repeated after a 401.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func upload(for request: URLRequest, fromFile file: URL) async throws -> (Data, HTTPURLResponse) {
        try await collected(await OutgoingCall(request, body: .file(file), with: calls))
    }

    /// Calls an API and puts the answer's body into a file, as `URLSession.download(for:)` would; see ``data(for:)``.
    ///
    /// - Returns: the file, which only this user may read, in the temporary folder: the caller moves or removes it. When the
    ///   answer breaks off there is no file.
    /// - Throws: ``SignetClientError``; `CancellationError`; what writing the file throws.
    public func download(for request: URLRequest) async throws -> (URL, HTTPURLResponse) {
        let (body, response) = try await open(await OutgoingCall(request, with: calls))
        return (try await DownloadedFile.write(body), response)
    }

    /// Puts what is at a URL into a file, as `URLSession.download(from:)` would; see ``download(for:)``.
    /// - Throws: ``SignetClientError``; `CancellationError`; what writing the file throws.
    public func download(from url: URL) async throws -> (URL, HTTPURLResponse) {
        try await download(for: URLRequest(url: url))
    }

    /// Calls an API and gives the answer's body as it arrives, as `URLSession.bytes(for:)` would; see ``data(for:)``.
    ///
    ///     let (bytes, _) = try await client.bytes(for: request)
    ///     for try await line in bytes.lines { show(line) }
    ///
    /// - Throws: ``SignetClientError``; `CancellationError`. What breaks the body later is thrown where it is read.
    public func bytes(for request: URLRequest) async throws -> (ResponseBytes, HTTPURLResponse) {
        let (body, response) = try await open(await OutgoingCall(request, with: calls))
        return (ResponseBytes(body), response)
    }

    /// Gives what is at a URL as it arrives, as `URLSession.bytes(from:)` would; see ``bytes(for:)``.
    /// - Throws: ``SignetClientError``; `CancellationError`. What breaks the body later is thrown where it is read.
    public func bytes(from url: URL) async throws -> (ResponseBytes, HTTPURLResponse) {
        try await bytes(for: URLRequest(url: url))
    }
}

extension SignetClient {
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
}

extension AuthorizedClient {
    private func collected(_ outgoing: OutgoingCall) async throws -> (Data, HTTPURLResponse) {
        let (body, response) = try await open(outgoing)
        return (try await answered { try await body.collect() }, response)
    }

    private func open(_ outgoing: OutgoingCall) async throws -> (ResponseBody, HTTPURLResponse) {
        let (response, body, url) = try await calls.call(outgoing)
        guard let answer = url.flatMap({ HTTPURLResponse(response, at: $0) }) else {
            throw SignetClientError.faulty(status: response.status.code)
        }
        return (body, answer)
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
