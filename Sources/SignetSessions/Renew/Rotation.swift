package import SignetTokens

/// A presented token, and the successor that will take its place if the store so decides.
package struct Rotation: Sendable {
    package let presented: PresentedToken
    /// Hash of the one successor, and the version of the key that makes it.
    package let successor: TokenHash
    package let keyVersion: UInt8
    package let defaults: PolicyDefaults
    package let origin: Origin
    /// What the session keeps of it when it is renewed.
    package let keptOrigin: Origin
    package let deadline: RequestDeadline

    package init(
        presented: PresentedToken, successor: TokenHash, keyVersion: UInt8, defaults: PolicyDefaults, origin: Origin,
        keptOrigin: Origin, deadline: RequestDeadline
    ) {
        self.presented = presented
        self.successor = successor
        self.keyVersion = keyVersion
        self.defaults = defaults
        self.origin = origin
        self.keptOrigin = keptOrigin
        self.deadline = deadline
    }
}

/// What the store decided, and the session as it is afterwards.
package struct RotationOutcome: Sendable {
    package let decision: RotationDecision
    /// `nil` when there is no such session.
    package let standing: SessionStanding?

    package init(decision: RotationDecision, standing: SessionStanding?) {
        self.decision = decision
        self.standing = standing
    }
}

extension Rotation {
    /// What the decision leaves in the audit log, in the same transaction; plain renewals are counted, not audited.
    package func auditEntries(for decision: RotationDecision, client: ClientID?) -> [AuditEntry] {
        func entry(_ event: AuditEvent, reason: String) -> AuditEntry {
            AuditEntry(
                event, by: .system, userID: presented.userID, sessionID: presented.sessionID, clientID: client, reason: reason,
                detail: "generation \(presented.generation)", origin: origin
            )
        }

        var entries: [AuditEntry] = []
        if presented.accessToken == .underUnknownKey, client != nil {
            entries.append(entry(.accessTokenUnderUnknownKey, reason: "unknown_key"))
        }
        switch decision {
        case .revoke: entries.append(entry(.sessionRevoked, reason: SessionEnd.reused.rawValue))
        case .mismatch(let mismatch): entries.append(entry(.renewalMismatched, reason: mismatch.rawValue))
        case .ahead, .declined: entries.append(entry(.renewalAhead, reason: "ahead"))
        case .recover: entries.append(entry(.renewalRecovered, reason: "ahead"))
        case .rotate, .keepToken, .repeatSuccessor, .tryAgain, .refuse, .staleIdempotencyKey: break
        }
        return entries
    }
}
