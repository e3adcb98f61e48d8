import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import SignetTokens
import Testing

/// What a server answered.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    init(_ response: TestResponse) {
        self.init(status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
    }

    init(status: Int, headers: HTTPFields, bytes: [UInt8]) {
        self.status = status
        self.headers = headers
        self.bytes = bytes
    }

    /// The body's members; none when it is no JSON object.
    var body: JSONObject { (try? JSONValue(parsing: bytes))?.object ?? JSONObject() }

    /// A member that is a string.
    subscript(_ name: String) -> String? { body[name]?.string }

    var error: String? { self["error"] }
    var reason: String? { self["reason"] }
    var retryAfter: String? { headers[.retryAfter] }
    var challenge: String? { headers[.wwwAuthenticate] }

    /// Status, code and reason of an OAuth error, as one line of a table.
    var verdict: String { [String(status), error, reason].compactMap(\.self).joined(separator: " ") }

    /// Whether it is a well-formed error: RFC 6749's JSON or RFC 9457's, with a challenge where the status demands one.
    var isWellFormedError: Bool {
        guard headers[.cacheControl] == "no-store", status != 401 || challenge != nil,
            ![429, 503].contains(status) || retryAfter != nil
        else {
            return false
        }
        switch headers[.contentType] {
        case "application/json": return error != nil && self["error_description"] != nil
        case "application/problem+json":
            return body["status"]?.integer == Int64(status) && self["title"] != nil && self["type"] != nil
                && self["detail"] != nil
        default: return false
        }
    }

    /// The tokens of an answer that must have them.
    func tokens(_ location: SourceLocation = #_sourceLocation) throws -> Tokens {
        Tokens(
            access: try #require(self["access_token"], sourceLocation: location),
            refresh: try #require(self["refresh_token"], sourceLocation: location),
            session: try #require(self["session_id"], sourceLocation: location)
        )
    }

    /// The claims of the access token that it carries.
    func claims() throws -> JSONObject {
        try Tokens.claims(of: #require(self["access_token"]))
    }
}

/// What a device stores.
struct Tokens: Sendable {
    let access: String
    let refresh: String
    let session: String

    static func claims(of token: String) throws -> JSONObject {
        let parts = token.split(separator: ".")
        let payload = try #require(parts.count == 3 ? Base64URL.decode(parts[1].utf8) : nil)
        return try #require(JSONValue(parsing: payload).object)
    }
}

extension HTTPField.Name {
    static var idempotencyKey: HTTPField.Name { named("Idempotency-Key") }
    static var pragma: HTTPField.Name { named("Pragma") }
    static var forwardedFor: HTTPField.Name { named("X-Forwarded-For") }
    static var signetUser: HTTPField.Name { named("X-Signet-User") }
    static var signetSession: HTTPField.Name { named("X-Signet-Session") }
    static var signetClient: HTTPField.Name { named("X-Signet-Client") }
    static var signetScope: HTTPField.Name { named("X-Signet-Scope") }

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("A field name written in this file is no token.") }
        return name
    }
}
