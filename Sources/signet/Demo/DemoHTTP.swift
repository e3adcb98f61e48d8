import Foundation
import HTTPTypes
import SignetClient
import SignetClientNIO
import SignetTokens

/// An answer of one of the demo's servers.
struct DemoAnswer: Sendable {
    let status: HTTPResponse.Status
    let challenge: String?
    let json: JSONValue?

    /// A string member of the JSON body.
    subscript(name: String) -> String? { json?.object?[name]?.string }
}

/// Sends the demo's requests and shows both sides of each.
struct DemoHTTP: Sendable {
    let teller: DemoTeller
    private let transport = AsyncHTTPClientTransport(userAgent: "signet")

    init(teller: DemoTeller) {
        self.teller = teller
    }

    /// A request with a JSON body.
    func json(_ method: String, _ url: String, _ body: JSONValue? = nil, accessToken: String? = nil) async throws -> DemoAnswer {
        try await send(
            method, url, type: body.map { _ in "application/json" }, body: body?.indentedText, accessToken: accessToken)
    }

    /// A request with a form; none of these values needs escaping.
    func form(_ url: String, _ fields: [(String, String)], idempotencyKey: String? = nil) async throws -> DemoAnswer {
        let body = fields.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        return try await send("POST", url, type: "application/x-www-form-urlencoded", body: body, idempotencyKey: idempotencyKey)
    }

    /// The status that a call has at this moment; nothing of it is shown.
    func status(of url: String, accessToken: String) async throws -> HTTPResponse.Status {
        var request = try Self.request("GET", url)
        request.headerFields[.authorization] = "Bearer \(accessToken)"
        return try await transport.send(request, body: nil, timeout: .seconds(10)).0.status
    }

    private func send(
        _ method: String, _ url: String, type: String?, body: String?, accessToken: String? = nil, idempotencyKey: String? = nil
    ) async throws -> DemoAnswer {
        var request = try Self.request(method, url)
        request.headerFields[.contentType] = type
        request.headerFields[.authorization] = accessToken.map { "Bearer \($0)" }
        request.headerFields.setIdempotencyKey(idempotencyKey.map { "\"\($0)\"" })
        // One form field a line is easier to read; only `&` is lost, and only on the screen.
        teller.request(request, body: body?.replacing("&", with: "\n&"))
        let (response, data) = try await transport.send(request, body: body.map { Data($0.utf8) }, timeout: .seconds(10))
        let answer = DemoAnswer(
            status: response.status, challenge: response.headerFields[.wwwAuthenticate], json: try? JSONValue(parsing: data))
        teller.answer(answer)
        return answer
    }

    private static func request(_ method: String, _ url: String) throws -> HTTPRequest {
        guard let url = URL(string: url), let host = url.host(), let port = url.port else {
            throw CommandFailure("The demo made a URL that is none: \(url)")
        }
        return HTTPRequest(
            method: HTTPRequest.Method(method) ?? .get, scheme: "http", authority: "\(host):\(port)", path: url.path())
    }
}
