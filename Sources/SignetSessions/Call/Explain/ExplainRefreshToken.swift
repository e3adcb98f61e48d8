import SignetTokens

extension ExplainToken {
    /// A refresh token: opaque to everybody but its server, so that little is known without the database.
    func refreshToken(_ token: RefreshToken) async throws -> Explanation {
        var facts = Facts(kind: "refresh token")
        facts.add("key_version", .number(Int64(token.keyVersion)))
        facts.add("user_id", token.userID.description)
        facts.add("session_id", token.sessionID.description)
        facts.add("generation", .number(Int64(token.generation)))
        guard let knowledge else {
            return explanation(.unknown, "only the server that made a refresh token can tell what it is worth", facts)
        }
        guard knowledge.ring.refreshKeys[token.keyVersion] != nil else {
            let reason = "it says that it was made under refresh key \(token.keyVersion), which this server does not have"
            return explanation(.refused, reason + "; it is another server's, or nobody's", facts)
        }
        facts.add("genuine", .flag(knowledge.ring.isGenuine(token)))
        guard knowledge.ring.isGenuine(token) else {
            return explanation(.refused, "its tag does not fit: it was changed, or another server made it", facts)
        }
        let standing = try await knowledge.store.standing(
            of: token.sessionID, user: token.userID, defaults: knowledge.defaults)
        guard let standing else {
            return explanation(
                .refused, "there is no such session; one that ended long ago is forgotten, and so is why it did", facts)
        }
        facts.add(session: standing, knowledge.defaults)
        facts.add("session_generation", .number(Int64(standing.session.row.generation)))
        let (verdict, reason) = Self.judge(token, standing, knowledge.defaults)
        return explanation(verdict, reason, facts)
    }

    /// Asks the decision what a plain renewal would bring now: by its own client, which proves who it is, without an idempotency key.
    private static func judge(
        _ token: RefreshToken, _ standing: SessionStanding, _ defaults: PolicyDefaults
    ) -> (Explanation.Verdict, String) {
        let row = standing.session.row
        // No request has a nonce of zeros, so this is nobody's repeat.
        let presented = PresentedToken(
            token, nonce: RequestNonce { Array(repeating: 0, count: $0) }, clientAuthentication: .passed)
        let decision = SessionRow.decision(
            for: presented, row: row, policy: standing.client.policy(with: defaults).renewal, now: standing.now)
        let rotated = row.rotatedAt.seen(from: standing.now)
        switch decision {
        case .rotate(let generation):
            return (.accepted, "it is its session's current token; a renewal would bring the next one, generation \(generation)")
        case .keepToken:
            return (
                .accepted, "it is its session's current token; a renewal would bring an access token, and leave this one as it is"
            )
        case .repeatSuccessor:
            return (.accepted, "it was renewed \(rotated), and within the window its successor would be given once more")
        case .recover(let generation, _):
            return (
                .accepted, "it is newer than the database, and in the recovery it would be renewed to generation \(generation)"
            )
        case .tryAgain:
            return (
                .refused,
                "another renewal of it won \(rotated); without that one's idempotency key it would be told to come again (503)"
            )
        case .ahead, .declined:
            return (
                .refused,
                "it is newer than the database, which knows generation \(row.generation) alone, as when an old backup was restored"
            )
        case .revoke: return (.refused, spent(presented, row, rotated))
        case .refuse(let end): return (.refused, "its session has ended: \(Self.sentence(for: end, standing))")
        case .mismatch(.grant): return (.refused, "its client is not registered for the grant refresh_token")
        case .mismatch(let mismatch): return (.refused, "the \(mismatch.rawValue) would not fit its session")
        case .staleIdempotencyKey: return (.refused, "the idempotency key would be that of an earlier token")
        }
    }

    private static func spent(_ presented: PresentedToken, _ row: SessionRow, _ rotated: String) -> String {
        guard presented.generation < row.generation else {
            return
                "it is not the token that its session was given in this generation; to present it is a reuse, which ends the session"
        }
        guard presented.hash == row.previous, row.rotationKey != nil else {
            return "it is spent: its session is at generation \(row.generation); to present it is a reuse, which ends the session"
        }
        return
            "it is spent: it was renewed \(rotated) with an idempotency key. With that key its successor would be given once more; "
            + "without it, to present it is a reuse, which ends the session"
    }

    /// How and when a session ended.
    static func sentence(for end: SessionEnd, _ standing: SessionStanding) -> String {
        let how =
            switch end {
            case .unknown: "nobody knows how"
            case .reused: "a spent refresh token was presented again"
            case .signedOut: "\(standing.username) signed this device out"
            case .revokedByUser: "\(standing.username) signed it out from another device"
            case .revokedByAdmin: "an operator ended it"
            case .idleExpired: "it was not renewed within its idle lifetime"
            case .expired: "it reached its absolute lifetime"
            case .userDisabled: "\(standing.username) was disabled"
            case .passwordChanged: "\(standing.username)'s password was changed"
            case .clientRemoved: "its client was removed"
            case .replaced: "the same device signed in again"
            case .evicted: "newer sessions took its place"
            }
        guard let endedAt = standing.endedAt else { return how }
        return "\(how), \(endedAt.seen(from: standing.now))"
    }
}

extension Facts {
    /// Whose session it is, and how it stands.
    mutating func add(session standing: SessionStanding, _ defaults: PolicyDefaults) {
        let (row, policy) = (standing.session.row, standing.client.policy(with: defaults).renewal)
        add("username", standing.username)
        add("device_name", standing.session.deviceName?.description)
        add("session_client_id", standing.client.id.description)
        add("client_name", standing.client.name)
        add("session_scope", row.scope.description)
        add("created_at", row.createdAt)
        add("last_renewed_at", row.lastRenewedAt)
        add("idle_expires_at", policy.idleLifetime.map(row.lastRenewedAt.advanced))
        add("absolute_expires_at", policy.absoluteLifetime.map(row.createdAt.advanced))
        add("ending", standing.ending?.rawValue)
        add("ended_at", standing.endedAt)
    }
}
