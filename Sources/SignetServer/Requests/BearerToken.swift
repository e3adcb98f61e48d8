import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// Reads `Authorization: Bearer` (RFC 6750, section 2.1); tokens in a query or a body are not looked at.
enum BearerToken {
    /// The token of a request.
    /// - Throws: ``CallerRefusal``, `noToken` or `malformedHeader`.
    static func read(from request: Request) throws(CallerRefusal) -> Secret<String> {
        let values = request.headers[values: .authorization]
        guard let value = values.first else { throw .noToken }
        // Two ways at once are a mistake (section 2); the other one alone is no way at all.
        guard values.count == 1, request.uri.queryParameters["access_token"] == nil else { throw .malformedHeader }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        // Another scheme is no bearer token at all.
        guard parts[0].lowercased() == "bearer" else { throw .noToken }
        guard parts.count == 2 else { throw .malformedHeader }
        let token = parts[1].drop { $0 == " " }
        guard isB64Token(token) else { throw .malformedHeader }
        return Secret(String(token))
    }

    private static func isB64Token(_ text: Substring) -> Bool {
        let body = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
        return !body.isEmpty
            && body.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }
}
