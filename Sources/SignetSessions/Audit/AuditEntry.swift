package import SignetTokens

/// Something that an operator must be able to read about later; written in the transaction in which it happened, without any secret.
package struct AuditEntry: Hashable, Sendable {
    package let event: AuditEvent
    package let actor: Actor
    package var userID: UserID?
    package var sessionID: SessionID?
    package var clientID: ClientID?
    /// The stable reason, where the event has one.
    package var reason: String?
    /// What else helps: a name, a generation; never a token.
    package var detail: String?
    package var origin: Origin

    package init(
        _ event: AuditEvent, by actor: Actor, userID: UserID? = nil, sessionID: SessionID? = nil, clientID: ClientID? = nil,
        reason: String? = nil, detail: String? = nil, origin: Origin = .unknown
    ) {
        self.event = event
        self.actor = actor
        self.userID = userID
        self.sessionID = sessionID
        self.clientID = clientID
        self.reason = reason
        self.detail = detail
        self.origin = origin
    }
}

/// What happened.
package enum AuditEvent: String, CaseIterable, Sendable {
    case sessionOpened = "session.opened"
    case sessionRenamed = "session.renamed"
    case sessionRevoked = "session.revoked"
    case tokenRevoked = "token.revoked"
    case renewalMismatched = "renewal.mismatched"
    case renewalAhead = "renewal.ahead"
    case renewalRecovered = "renewal.recovered"
    case accessTokenUnderUnknownKey = "access_token.under_unknown_key"
    case userAdded = "user.added"
    case userDisabled = "user.disabled"
    case userEnabled = "user.enabled"
    case passwordChanged = "user.password_changed"
    case clientAdded = "client.added"
    case clientUpdated = "client.updated"
    case clientSecretAdded = "client.secret_added"
    case clientSecretDropped = "client.secret_dropped"
    case clientRemoved = "client.removed"
    case keysCreated = "keys.created"
    case signingKeyRotated = "keys.signing_key_rotated"
    case signingKeyRevoked = "keys.signing_key_revoked"
    case refreshKeyRotated = "keys.refresh_key_rotated"
    case refreshKeyRevoked = "keys.refresh_key_revoked"
    case masterKeyRotated = "keys.master_key_rotated"
    case issuerChanged = "issuer.changed"
}

/// Who did it.
package enum Actor: String, CaseIterable, Sendable {
    /// The person whose account it is.
    case user
    /// Whoever runs the operator's commands on the server.
    case admin
    /// The server by its own rules.
    case system
}
