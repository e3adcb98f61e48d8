/// Why a request is refused, in a form that the caller can mend; what is not a refusal is a fault of ours, answered 503.
package protocol Refusal: Error {
    /// The code that the answer carries.
    var code: RefusalCode { get }
    /// One clear sentence for the caller that says what to do next.
    var sentence: String { get }
    /// The stable cause for logs and metrics, and for answers to callers who may know it.
    var reason: String { get }
    /// Whether the caller may be told the reason.
    var tellsReason: Bool { get }
    /// In how many seconds to come again, where that helps.
    var retryAfter: Int? { get }
}

extension Refusal {
    package var tellsReason: Bool { true }
    package var retryAfter: Int? { nil }
}

/// The codes of RFC 6749 section 5.2, RFC 8707 section 2 and RFC 7009 section 2.2.1, and ours for the doors that have none.
package enum RefusalCode: String, Sendable {
    case invalidRequest = "invalid_request"
    case invalidClient = "invalid_client"
    case invalidGrant = "invalid_grant"
    case unauthorizedClient = "unauthorized_client"
    case unsupportedGrantType = "unsupported_grant_type"
    case unsupportedTokenType = "unsupported_token_type"
    case invalidScope = "invalid_scope"
    case invalidTarget = "invalid_target"
    case temporarilyUnavailable = "temporarily_unavailable"
    case invalidToken = "invalid_token"
    case insufficientScope = "insufficient_scope"
    case wrongCredentials = "wrong_credentials"
    case notFound = "not_found"
    case conflict
    case tooManySessions = "too_many_sessions"
    case tooManyRequests = "too_many_requests"
}
