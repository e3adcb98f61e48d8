import SignetTokens

/// What the token endpoint's answer to a renewal means for the tokens.
enum RenewalAnswer: Sendable {
    /// New tokens.
    case renewed(TokenAnswer)
    /// The session is over. Nothing else signs a person out.
    case sessionEnded(reason: String?)
    /// Nobody knows whether the server renewed: ask again with the same key, at the earliest after `pause`.
    case unknown(SignetClientError, pause: Duration?)
    /// Asking again at once would not help; the tokens are as good as before.
    case refused(SignetClientError)

    init(_ answer: ServerAnswer, for session: StoredSession) {
        switch answer.status {
        case 200:
            guard let tokens = TokenAnswer(answer, session.scheme), tokens.belongs(to: session) else {
                // A bound session that goes on unbound would be worth stealing again.
                let isDowngrade = session.scheme == .dpop && TokenAnswer(answer, .bearer) != nil
                if isDowngrade {
                    self = .refused(.notBound)
                    return
                }
                self = .unknown(.faulty(status: 200), pause: nil)
                return
            }
            self = .renewed(tokens)
        case 400 where answer.object?["error"]?.string == "invalid_grant":
            self = .sessionEnded(reason: answer.reason)
        // Only the server itself says no in OAuth's own words; a portal's page or a proxy's 403 or 404 may be gone in a moment.
        case 400..<500 where answer.status != 429 && answer.object?["error"]?.string != nil: self = .refused(answer.error)
        default: self = .unknown(answer.error, pause: answer.retryAfter)
        }
    }
}

extension TokenAnswer {
    /// Whether it names no other user and no other session.
    fileprivate func belongs(to session: StoredSession) -> Bool {
        (userID ?? session.userID) == session.userID && (sessionID ?? session.sessionID) == session.sessionID
    }
}

extension StoredSession {
    /// The session with the tokens of a renewal.
    /// - Parameter asked: what the device's clock showed when they were asked for.
    func renewed(by answer: TokenAnswer, askedAt asked: UnixTime) -> StoredSession {
        var next = self
        next.receive(answer, askedAt: asked)
        next.scope = answer.scope ?? scope
        // The key belongs to the refresh token, so it stays as long as that does.
        if let refreshToken = answer.refreshToken, !refreshToken.isSame(as: self.refreshToken) {
            next.refreshToken = refreshToken
            next.idempotencyKey = nil
        }
        return next
    }

    private mutating func receive(_ answer: TokenAnswer, askedAt asked: UnixTime) {
        accessToken = answer.accessToken
        lifetime = answer.lifetime
        receivedAt = answer.date ?? asked
        clockOffset = asked.duration(to: receivedAt)
    }
}
