/// A change of the keys: decided on what they were at one revision, and carried out in one transaction if they still are that.
package struct KeyChange: Sendable {
    /// The revision that it was decided on.
    package let basis: Int64
    /// New keys, and keys whose row changes.
    package var signingKeys: [SealedSigningKey] = []
    /// New keys, and keys whose row changes.
    package var refreshKeys: [SealedRefreshKey] = []
    /// The signing key whose tokens are worth nothing from now on: an entry of the revocation log.
    package var revokedKeyID: String?
    /// The refresh key that was revoked: the sessions whose token was made under it end.
    package var revokedVersion: UInt8?
    /// What the audit log says of it.
    package let entry: AuditEntry

    package init(basis: Int64, entry: AuditEntry) {
        self.basis = basis
        self.entry = entry
    }
}

/// A refresh key was revoked after a token had been made under it and before that could be written down: a fault of ours, for the
/// caller may try again with another key.
package struct RefreshKeyRevoked: Error {
    package init() {}
}

/// The keys are no longer what a change was decided on: somebody else has changed them meanwhile.
package struct KeysChanged: Error {
    package init() {}
}
