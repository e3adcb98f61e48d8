package import SignetTokens

/// A refresh key as the database has it. It is kept for good, for the tokens made under it are good for as long as their sessions,
/// unless it is revoked as leaked.
package struct SealedRefreshKey: Sendable {
    package let version: UInt8
    package var sealed: [UInt8]
    package var masterKeyID: String
    package let createdAt: UnixTime
    /// When it began to make tokens; `nil` for the next one, which is there before its turn so that a restored back-up can read what
    /// was made after it.
    package var activatesAt: UnixTime?
    /// When it was revoked, if it was.
    package var revokedAt: UnixTime?

    package init(
        version: UInt8, sealed: [UInt8], masterKeyID: String, createdAt: UnixTime, activatesAt: UnixTime?,
        revokedAt: UnixTime? = nil
    ) {
        self.version = version
        self.sealed = sealed
        self.masterKeyID = masterKeyID
        self.createdAt = createdAt
        self.activatesAt = activatesAt
        self.revokedAt = revokedAt
    }

    /// What the seal is good for, so that no sealed key can stand in another's place.
    package static func purpose(_ version: UInt8) -> String { "signet refresh key \(version)" }
}

extension [SealedRefreshKey] {
    /// The key under which tokens are made: the one whose turn came last.
    package var active: SealedRefreshKey? {
        filter { $0.revokedAt == nil && $0.activatesAt != nil }.max { $0.version < $1.version }
    }

    /// The key whose turn comes next.
    package var standby: SealedRefreshKey? {
        first { $0.revokedAt == nil && $0.activatesAt == nil }
    }
}
