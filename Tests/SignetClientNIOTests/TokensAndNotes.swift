import Foundation
import SignetClient
import SignetClientNIO
import SignetClientTesting
import SignetTokens
import Synchronization

/// A token server and an API at one address: each token request gives the next token, and `/notes` wants the newest one.
final class TokensAndNotes: Sendable {
    private let server: LoopbackServer
    private let refused: Mutex<Set<Int>>

    /// - Parameters:
    ///   - refusing: the numbers of the tokens that the API refuses.
    ///   - special: answers a request in another way, by its first line; `nil` leaves it.
    init(refusing: Set<Int> = [], _ special: @escaping @Sendable (String) -> String? = { _ in nil }) throws {
        refused = Mutex(refusing)
        let issued = Mutex(0)
        server = try LoopbackServer { request in
            if let answer = special(String(request.prefix { $0 != "\r\n" })) { return answer }
            guard request.hasPrefix("POST /oauth/token ") || request.hasPrefix("POST /v1/sessions ") else {
                let number = request.firstMatch(of: /Authorization: Bearer token([0-9]+)\r\n/).flatMap { Int($0.1) }
                guard let number, !refusing.contains(number) else {
                    return Self.answer("401 Unauthorized", #"WWW-Authenticate: Bearer error="invalid_token""#, "no")
                }
                return Self.answer("200 OK", "X-Served: 1", "notes")
            }
            let number = issued.withLock { issued in
                issued += 1
                return issued
            }
            let ids = #""user_id":"e08d75d3-7dbe-4003-8fa2-3360278f8966","session_id":"01a21232-f4e4-730d-897f-31c2b7bbcf5e""#
            let body =
                #"{"access_token":"token\#(number)","token_type":"Bearer","expires_in":300,"refresh_token":"r\#(number)",\#(ids)}"#
            return Self.answer(request.hasPrefix("POST /v1/") ? "201 Created" : "200 OK", "Content-Type: application/json", body)
        }
    }

    deinit { server.stop() }

    static func answer(_ status: String, _ field: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\n\(field)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }

    var url: URL { URL(string: "http://127.0.0.1:\(server.port)") ?? URL(filePath: "/") }

    /// What arrived at `path`.
    func requests(_ path: String) -> [String] {
        server.requests.filter { $0.split(separator: " ").dropFirst().first == Substring(path) }
    }

    /// A client that calls as itself.
    func client(_ transport: any Transport = AsyncHTTPClientTransport()) throws -> ConfidentialClient {
        guard let id = ClientID("orders") else { throw CocoaError(.coderInvalidValue) }
        return ConfidentialClient(server: url, clientID: id, clientSecret: Secret("secret"), transport: transport)
    }
}
