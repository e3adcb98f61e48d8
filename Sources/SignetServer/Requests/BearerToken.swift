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
        switch BearerField(value) {
        case .token(let token): return token
        case .malformedToken: throw .malformedHeader
        case .otherScheme, .noScheme: throw .noToken
        }
    }
}
