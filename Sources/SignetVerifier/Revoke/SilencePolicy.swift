/// What a verifier does while it may not have heard of every revocation: before the first snapshot, and after 45 s in which the
/// revocation feed said nothing (VER-12).
public enum SilencePolicy: Hashable, Sendable {
    /// Accept what is not known to be revoked: the token's expiry still protects, five minutes at most by default.
    case open
    /// Accept nothing, and throw ``RevocationsUnknown``.
    case closed
    /// Ask the server about each token (RFC 7662); where it cannot be reached either, throw ``RevocationsUnknown``. It needs a
    /// credential: with none it is as ``closed``.
    case introspect
}
