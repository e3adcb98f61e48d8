/// What becomes of a presented refresh token.
public enum RotationDecision: Hashable, Sendable {
    /// The successor takes the token's place.
    case rotate(to: UInt32)
    /// The successor takes the token's place although the database never saw the token: an older backup was restored and the operator said to go on.
    case recover(to: UInt32, in: RecoveryID)
    /// A new access token beside the same refresh token.
    case keepToken
    /// The successor that was already made, once more.
    case repeatSuccessor
    /// Another renewal has just won; the client reads its store and tries again.
    case tryAgain
    /// The token is newer than the database.
    case ahead
    /// A spent token: the session is revoked.
    case revoke
    /// The session no longer renews; nothing changes.
    case refuse(SessionEnd)
    /// The token is newer than the database, and the operator has declined to go on from it.
    case declined
    /// Something sent along does not belong to this session; nothing changes.
    case mismatch(RenewalMismatch)
    /// The idempotency key is that of an earlier token; nothing changes.
    case staleIdempotencyKey
}

/// What was sent along with a refresh token and does not fit its session.
public enum RenewalMismatch: String, CaseIterable, Hashable, Sendable {
    case client, authentication, grant, user, accessToken = "access_token", scope, resource
}

extension SessionRow {
    /// What becomes of a presented token: DESIGN.md's table, tried from the top. Pure and total.
    ///
    /// - Parameters:
    ///   - row: the session's row; `nil` when there is none.
    ///   - presented: a token whose tag is valid, and what came with it.
    ///   - policy: the client's.
    ///   - recovery: what the operator said about tokens newer than the database.
    ///   - now: the present moment by the database's clock.
    public static func decision(
        for presented: PresentedToken, row: SessionRow?, policy: RenewalPolicy, recovery: Recovery = .undecided, now: UnixTime
    ) -> RotationDecision {
        guard let row else { return .refuse(.unknown) }
        if let ending = row.ending { return .refuse(ending) }
        if let expiry = policy.expiry(createdAt: row.createdAt, lastRenewedAt: row.lastRenewedAt, at: now) {
            return .refuse(expiry)
        }
        if let mismatch = row.mismatch(with: presented, policy) { return .mismatch(mismatch) }
        return row.rotation(for: presented, policy: policy, recovery: recovery, now: now)
    }

    /// The first thing sent along that does not fit; whose session it is comes before what is asked of it.
    private func mismatch(with presented: PresentedToken, _ policy: RenewalPolicy) -> RenewalMismatch? {
        if let client = presented.clientID, client != clientID { return .client }
        switch presented.clientAuthentication {
        case .failed: return .authentication
        case .none where policy.requiresAuthentication: return .authentication
        case .none, .passed: break
        }
        guard policy.isAllowed else { return .grant }
        guard presented.namedUser == .none || presented.namedUser == .named(presented.userID) else { return .user }
        switch presented.accessToken {
        case .none, .underUnknownKey: break
        case .genuine(let subject, let sessionID):
            guard subject == presented.userID.description, sessionID == presented.sessionID else { return .accessToken }
        case .invalid: return .accessToken
        }
        if let scope = presented.scope, !scope.isSubset(of: self.scope) { return .scope }
        guard presented.resources.allSatisfy({ asked in resources.contains { $0.hasSameBytes(as: asked) } }) else {
            return .resource
        }
        return nil
    }

    private func rotation(
        for presented: PresentedToken, policy: RenewalPolicy, recovery: Recovery, now: UnixTime
    ) -> RotationDecision {
        let sameKey = rotationKey != nil && rotationKey == presented.idempotencyKey
        let bothKeyless = rotationKey == nil && presented.idempotencyKey == nil
        // A session that was never rotated has no last rotation, and so no window.
        let insideWindow = generation > 0 && policy.window > .zero && now < rotatedAt.advanced(by: policy.window)

        // The key of the last rotation belongs to the token before the current one, and to no later token.
        if sameKey, presented.generation >= generation { return .staleIdempotencyKey }
        if presented.generation > generation { return recovered(presented, by: recovery) }

        if presented.generation == generation {
            guard presented.hash == current else { return .revoke }
            // Ten tabs that renew in turn must not run two generations apart.
            if !policy.rotates || (bothKeyless && insideWindow) { return .keepToken }
            return generation == .max ? .refuse(.expired) : .rotate(to: generation + 1)
        }

        guard presented.generation == generation - 1, presented.hash == previous else { return .revoke }
        if presented.nonce == rotationNonce || sameKey { return .repeatSuccessor }
        guard insideWindow else { return .revoke }
        return bothKeyless ? .repeatSuccessor : .tryAgain
    }

    /// A genuine token of a generation that this database never made.
    private func recovered(_ presented: PresentedToken, by recovery: Recovery) -> RotationDecision {
        switch recovery {
        case .undecided: .ahead
        case .declined: .declined
        case .open(let recovery) where recovery == recoveredIn: .revoke
        case .open(let recovery):
            presented.generation == .max ? .refuse(.expired) : .recover(to: presented.generation + 1, in: recovery)
        }
    }
}

extension SessionRow {
    /// The row after `decision`: what every storage driver writes, and what the model in the tests believes.
    ///
    /// - Parameters:
    ///   - successor: hash of the presented token's successor.
    ///   - keyVersion: the refresh key's version under which that successor was made.
    public func applying(
        _ decision: RotationDecision, of presented: PresentedToken, successor: TokenHash, keyVersion: UInt8,
        policy: RenewalPolicy = RenewalPolicy(), now: UnixTime
    ) -> SessionRow {
        var row = self
        switch decision {
        case .rotate(let generation):
            row.rotate(to: generation, presented, successor, keyVersion, now)
        case .recover(let generation, let recovery):
            row.rotate(to: generation, presented, successor, keyVersion, now)
            row.recoveredIn = recovery
        case .keepToken, .repeatSuccessor:
            // At most once a minute, so a busy session costs no extra writes; sooner where a minute is much of its idle lifetime.
            let coarseness = min(.seconds(60), policy.idleLifetime.map { $0 / 4 } ?? .seconds(60))
            if now >= lastRenewedAt.advanced(by: coarseness) { row.lastRenewedAt = now }
        case .revoke:
            row.ending = .reused
        case .tryAgain, .ahead, .refuse, .declined, .mismatch, .staleIdempotencyKey:
            break
        }
        return row
    }

    private mutating func rotate(
        to generation: UInt32, _ presented: PresentedToken, _ successor: TokenHash, _ keyVersion: UInt8, _ now: UnixTime
    ) {
        previous = presented.hash
        current = successor
        self.generation = generation
        self.keyVersion = keyVersion
        rotatedAt = now
        lastRenewedAt = now
        rotationKey = presented.idempotencyKey
        rotationNonce = presented.nonce
    }
}
