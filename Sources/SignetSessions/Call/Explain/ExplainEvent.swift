import SignetTokens

extension ExplainToken {
    /// An event of the revocation feed.
    func event(_ text: Secret<String>, _ jwt: ReadableJWT) -> Explanation {
        var facts = Facts(kind: "security event token")
        facts.add(signature: jwt, by: signer(of: text), knowledge, now: clock.now)
        facts.add(claims: jwt.claims)
        let event = jwt.claims["events"]?.object?.members.first
        facts.add("event", event?.name)
        facts.add("reason_admin", event?.value.object?["reason_admin"]?.object?["en"]?.string)
        facts.add("revoked_at", event?.value.object?["event_timestamp"]?.integer.map(UnixTime.init(seconds:)))
        facts.add("forget_at", event?.value.object?["forget_at"]?.integer.map(UnixTime.init(seconds:)))
        guard let ring = knowledge?.ring else {
            return explanation(.unknown, "only its issuer's keys can tell who signed it", facts)
        }
        do throws(TokenError) {
            let revocation = try text.reveal { text throws(TokenError) in
                try SecurityEventToken.read(text, issuer: ring.issuer, keys: ring.published)
            }
            guard let revocation else {
                return explanation(.refused, "it is an event of a kind that readers of the feed do not know, and ignore", facts)
            }
            facts.add("revoked", Self.subject(revocation.subject))
            return explanation(
                .accepted, "readers of this server's feed take it as an event; no API takes it as an access token", facts)
        } catch {
            return explanation(.refused, Self.sentence(for: error), facts)
        }
    }

    private static func subject(_ subject: RevokedSubject) -> String {
        switch subject {
        case .session(let id): "session \(id)"
        case .token(let id): "access token \(id)"
        case .client(let id): "client \(id)"
        case .key(let id): "signing key \(id)"
        }
    }

    private static func sentence(for error: TokenError) -> String {
        switch error {
        case .unknownKey: "the key that it names is none of this server's, or is not published any more"
        case .badSignature, .keyMismatch: "its signature does not fit: it was changed, or another server made it"
        case .wrongIssuer: "it is from another issuer than this server"
        case .wrongAudience: "it is not for the readers of this server's feed"
        default: "it is not as RFC 8417 has an event"
        }
    }
}
