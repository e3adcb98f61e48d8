import Foundation
import SignetTokens

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// An answer of one of the demo's servers.
struct DemoAnswer: Sendable {
    let status: Int
    let challenge: String?
    let json: JSONValue?

    /// A string member of the JSON body.
    subscript(name: String) -> String? { json?.object?[name]?.string }
}

/// Sends the demo's requests and shows both sides of each.
struct DemoHTTP: Sendable {
    let teller: DemoTeller

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
    func status(of url: String, accessToken: String) async throws -> Int {
        guard let url = URL(string: url) else { throw CommandFailure("The demo made a URL that is none: \(url)") }
        var request = URLRequest(url: url)
        request.setValue("Bearer \(accessToken)", forHTTPHeaderField: "Authorization")
        return (try await URLSession.shared.data(for: request).1 as? HTTPURLResponse)?.statusCode ?? 0
    }

    private func send(
        _ method: String, _ url: String, type: String?, body: String?, accessToken: String? = nil, idempotencyKey: String? = nil
    ) async throws -> DemoAnswer {
        guard let url = URL(string: url) else { throw CommandFailure("The demo made a URL that is none: \(url)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        if let accessToken { request.setValue("Bearer \(accessToken)", forHTTPHeaderField: "Authorization") }
        if let idempotencyKey { request.setValue("\"\(idempotencyKey)\"", forHTTPHeaderField: "Idempotency-Key") }
        // One form field a line is easier to read; only `&` is lost, and only on the screen.
        teller.request(request, body: body?.replacing("&", with: "\n&"))
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = DemoAnswer(
            status: (response as? HTTPURLResponse)?.statusCode ?? 0,
            challenge: (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "WWW-Authenticate"),
            json: try? JSONValue(parsing: data)
        )
        teller.answer(answer)
        return answer
    }
}
