import HTTPTypes
import Hummingbird
import SignetTokens

/// Why a request is not let through, as RFC 6750 section 3 says it.
enum BearerChallenge: Sendable {
    /// There are no credentials: how to come back, and no error.
    case noCredentials
    /// The request breaks the rules of the scheme.
    case invalidRequest
    /// The token is not good for this API.
    case invalidToken(TokenError)
    /// The token is good, and is not for this; `nil` where no scope would do.
    case insufficientScope(Scope?)

    /// The answer: a challenge for programs, and a problem for people (PRB-2).
    func response(realm: String) -> Response {
        var attributes = [("realm", realm)]
        if let code { attributes += [("error", code), ("error_description", sentence)] }
        if case .insufficientScope(let scope?) = self { attributes.append(("scope", scope.description)) }
        let challenge = attributes.map { "\($0)=\"\(Self.quotable($1))\"" }.joined(separator: ", ")
        return Problem(status, sentence + ".", headers: [.wwwAuthenticate: "Bearer " + challenge]).response
    }

    private var status: HTTPResponse.Status {
        switch self {
        case .noCredentials, .invalidToken: .unauthorized
        case .invalidRequest: .badRequest
        case .insufficientScope: .forbidden
        }
    }

    private var code: String? {
        switch self {
        case .noCredentials: nil
        case .invalidRequest: "invalid_request"
        case .invalidToken: "invalid_token"
        case .insufficientScope: "insufficient_scope"
        }
    }

    private var sentence: String {
        switch self {
        case .noCredentials: "An access token is needed"
        case .invalidRequest: "Send exactly one Authorization header, with one bearer token in it"
        case .invalidToken(let error): error.challengeDescription
        case .insufficientScope: "The access token does not allow this"
        }
    }

    /// What may stand between quotes without escaping: visible ASCII and spaces, no `"` and no `\` (BEA-5).
    private static func quotable(_ text: String) -> String {
        String(decoding: text.utf8.filter { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }, as: UTF8.self)
    }
}
