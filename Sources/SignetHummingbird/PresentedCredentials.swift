import HTTPTypes
import Hummingbird
import SignetTokens

/// What a request presents, read as RFC 6750 section 2.1 says.
enum PresentedCredentials: Sendable {
    /// None that this API understands: no `Authorization`, or one of another scheme.
    case none
    /// A bearer token; nothing of it is verified yet.
    case bearer(Secret<String>)
    /// More than one way or field at once, or a field that breaks the grammar.
    case malformed

    init(of request: Request) {
        let fields = request.headers[values: .authorization]
        guard let field = fields.first else {
            self = .none
            return
        }
        guard fields.count == 1 else {
            self = .malformed
            return
        }
        switch BearerField(field) {
        case .otherScheme: self = .none
        case .malformedToken, .noScheme: self = .malformed
        case .token(let token):
            // A token in the query is never read; sent beside the header it is a second method (RFC 6750, section 2).
            self = request.uri.queryParameters["access_token"] == nil ? .bearer(token) : .malformed
        }
    }
}
