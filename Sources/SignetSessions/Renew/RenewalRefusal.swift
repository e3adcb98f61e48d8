package import SignetTokens

/// Why a refresh token is not renewed.
package enum RenewalRefusal: Refusal, Equatable {
    /// Not a token of ours.
    case malformed
    /// A spent token: its session was revoked.
    case reused
    /// Another renewal of the same token has just won.
    case raced
    /// The token is newer than the database.
    case ahead
    /// The token is newer than the database, and the operator declined to go on from it.
    case declined
    /// The session had ended before.
    case ended(SessionEnd)
    /// Something sent along is not the session's.
    case mismatch(RenewalMismatch)
    /// The idempotency key is that of an earlier token.
    case staleIdempotencyKey

    package var code: RefusalCode {
        switch self {
        case .raced, .ahead: .temporarilyUnavailable
        case .staleIdempotencyKey: .invalidRequest
        case .mismatch(.authentication): .invalidClient
        case .mismatch(.grant): .unauthorizedClient
        case .mismatch(.scope): .invalidScope
        case .mismatch(.resource): .invalidTarget
        case .malformed, .reused, .declined, .ended, .mismatch: .invalidGrant
        }
    }

    package var sentence: String {
        switch self {
        case .raced: "Another renewal of this session has just won; read your token store again and use its token."
        case .ahead: "Signet's database was restored; keep your tokens and try again later."
        case .staleIdempotencyKey: "This idempotency key belongs to an earlier refresh token; create a new key for each token."
        case .mismatch(.authentication): ClientAuthenticationFailed.sentence
        case .mismatch(.grant): "This client is not registered for the grant refresh_token."
        case .mismatch(.scope): "The scope asked for is wider than the one granted at sign-in."
        case .mismatch(.resource): "The resource asked for was not granted at sign-in."
        // One sentence for all of these: whoever holds a stolen token learns nothing from it.
        case .malformed, .reused, .declined, .ended, .mismatch: "The session has ended; sign in again."
        }
    }

    package var reason: String {
        switch self {
        case .malformed: SessionEnd.unknown.rawValue
        case .reused: SessionEnd.reused.rawValue
        case .raced: "raced"
        case .ahead, .declined: "ahead"
        case .ended(let end): end.rawValue
        case .mismatch: "mismatch"
        case .staleIdempotencyKey: "stale_idempotency_key"
        }
    }

    /// Told when the tag was valid and the client right, so that developers are not left guessing.
    package var tellsReason: Bool {
        self != .malformed && self != .mismatch(.client) && self != .mismatch(.authentication)
    }

    package var retryAfter: Int? {
        switch self {
        case .raced: 1
        // After a restore every device asks: that must not become a storm.
        case .ahead: 30
        case .malformed, .reused, .declined, .ended, .mismatch, .staleIdempotencyKey: nil
        }
    }
}
