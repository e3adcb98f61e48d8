import SignetTokens

/// The last question about a token that is good in all else: was it revoked (VER-12)?
struct FollowedRevocations: Sendable {
    let feed: RevocationFeed
    let live: LiveRevocations
    let watch: FeedWatch
    let policy: SilencePolicy
    let introspect: IntrospectToken
    let clock: any WallClock

    /// - Throws: ``TokenError/revoked``, or ``RevocationsUnknown`` when nobody can say and the policy takes no risk.
    func refuseRevoked(_ verified: VerifiedAccessToken, _ token: Secret<String>) async throws {
        let now = clock.now
        guard !live.covers(verified, at: now) else { throw TokenError.revoked }
        guard watch.health(at: now) != .current else { return }

        switch policy {
        case .open: return
        case .closed: throw RevocationsUnknown()
        case .introspect: guard try await introspect(token) else { throw TokenError.revoked }
        }
    }

    var health: FeedHealth { watch.health(at: clock.now) }

    var isReady: Bool { watch.isReady(at: clock.now, needsSnapshot: policy == .closed) }
}
