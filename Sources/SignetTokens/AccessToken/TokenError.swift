/// Why a token is not accepted.
///
/// What a caller may be told is ``challengeDescription``; the rest is for logs, metrics and people who look into a token.
public enum TokenError: Error, Hashable, Sendable {
    /// Not a compact JWS in its one canonical spelling, or a member is missing, of the wrong type or out of range.
    case malformed
    /// `alg` is not one that Signet accepts, `none` and the HMACs above all (RFC 8725, section 3.1).
    case unsupportedAlgorithm
    /// A `crit` or `b64` header: nothing that it could name is understood here (RFC 7515, section 4.1.11).
    case criticalHeader
    /// No key has this `kid`.
    case unknownKey
    /// The header's `alg` is not the key's (RFC 8725, section 3.1).
    case keyMismatch
    /// The signature does not fit.
    case badSignature
    /// `typ` says that it is another kind of token (RFC 9068, section 4).
    case wrongType
    /// `iss` is not the pinned issuer.
    case wrongIssuer
    /// `aud` does not name this API.
    case wrongAudience
    /// `exp` has passed.
    case expired
    /// `nbf` or `iat` lies in the future.
    case notYetValid
    /// `exp` is more than an hour after `iat`: no Signet makes such a token, and no revocation is remembered that long.
    case lifetimeTooLong
    /// Bound to a key by `cnf`, which a bearer does not prove (RFC 9449, section 7.2).
    case proofRequired
    /// Its session, its client, its signing key or the token itself was revoked; which of the four, nobody is told.
    case revoked

    /// The `error_description` of a 401 (RFC 6750, section 3): "expired" plainly, so that clients renew, and nothing that helps a forger.
    public var challengeDescription: String {
        self == .expired ? "The access token expired" : "The access token is not valid"
    }
}
