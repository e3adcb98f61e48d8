/// Why a session no longer renews: the stable `reason` in answers, the audit log and metrics.
public enum SessionEnd: String, CaseIterable, Hashable, Sendable {
    /// No such session (any more).
    case unknown
    /// A spent refresh token was presented again.
    case reused
    /// Its owner signed this device out.
    case signedOut = "signed_out"
    /// Its owner signed it out from another device.
    case revokedByUser = "revoked_by_user"
    /// An operator ended it.
    case revokedByAdmin = "revoked_by_admin"
    /// It was not renewed for longer than its idle lifetime.
    case idleExpired = "idle_expired"
    /// It reached its absolute lifetime.
    case expired
    /// Its user was disabled.
    case userDisabled = "user_disabled"
    /// Its user's password was changed.
    case passwordChanged = "password_changed"
    /// The client it was opened with was removed.
    case clientRemoved = "client_removed"
    /// The same device signed in again.
    case replaced
    /// Newer sessions of the user took its place.
    case evicted
}
