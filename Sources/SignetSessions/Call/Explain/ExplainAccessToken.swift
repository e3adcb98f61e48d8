import SignetTokens

extension ExplainToken {
    /// An access token: what every API can read, and what only the server knows of its session.
    func accessToken(_ text: Secret<String>, _ jwt: ReadableJWT, audience: String?) async throws -> Explanation {
        var facts = Facts(kind: "access token")
        facts.add(signature: jwt, by: signer(of: text), knowledge, now: clock.now)
        facts.add(claims: jwt.claims)
        guard let token = AccessToken(claims: jwt.claims) else {
            return explanation(.refused, "a claim that RFC 9068 requires is missing or of the wrong type", facts)
        }
        // Whoever forged a token may name anybody's session in it.
        let standing = signer(of: text) == nil ? nil : try await standing(of: token)
        if let standing, let knowledge { facts.add(session: standing, knowledge.defaults) }
        let audiences = audience.map { [$0] } ?? token.audience
        let now = clock.now
        if let revokedAt = knowledge?.key(of: jwt)?.revokedAt {
            return explanation(.refused, "the key that it names was revoked \(revokedAt.seen(from: now))", facts)
        }
        if let error = refusal(text, jwt, token, audiences: audiences, now: now) {
            return explanation(.refused, sentence(for: error, token, now: now), facts)
        }
        guard let knowledge else {
            return explanation(
                .unknown, "nothing in it speaks against it, but only its issuer's keys can tell who signed it", facts)
        }
        if let revocation = try await revocation(of: token, signedBy: jwt.header["kid"]?.string ?? "", standing, knowledge) {
            return explanation(.refused, revocation, facts)
        }
        let expiry = "until it expires \(token.expiresAt.seen(from: now))"
        guard let standing, let end = standing.ending else {
            return explanation(.accepted, "it is genuine and for \(audiences.joined(separator: " and ")), \(expiry)", facts)
        }
        // What a lifetime ends is in no revocation log: an access token that is out already is good for the minutes it has.
        let reason = "its session has ended: \(Self.sentence(for: end, standing))"
        if audience?.hasSameBytes(as: knowledge.ring.issuer) == true { return explanation(.refused, reason, facts) }
        return explanation(
            .accepted, "by APIs that verify it themselves, \(expiry); Signet's own doors refuse it, for \(reason)", facts)
    }

    /// What an API would say, as far as it can be known.
    private func refusal(
        _ text: Secret<String>, _ jwt: ReadableJWT, _ token: AccessToken, audiences: [String], now: UnixTime
    ) -> TokenError? {
        let rules = AccessTokenRules(issuer: knowledge?.ring.issuer ?? token.issuer, audiences: audiences, leeway: .zero)
        do {
            _ = try rules.verify(text, with: knowledge?.ring.published ?? KeySet([]), now: now)
            return nil
        } catch {
            // Without keys every token stops at the signature; what stands in it can be judged all the same.
            guard knowledge == nil, error == .unknownKey else { return error }
        }
        if token.issuedAt.duration(to: token.expiresAt) > AccessTokenRules.longestLifetime { return .lifetimeTooLong }
        guard token.audience.contains(where: { named in audiences.contains { $0.hasSameBytes(as: named) } }) else {
            return .wrongAudience
        }
        if jwt.claims["cnf"] != nil { return .proofRequired }
        if token.issuedAt > now { return .notYetValid }
        return now < token.expiresAt ? nil : .expired
    }

    private func sentence(for error: TokenError, _ token: AccessToken, now: UnixTime) -> String {
        switch error {
        case .malformed: "its header or a claim is not as RFC 9068 has it"
        case .unsupportedAlgorithm: "its algorithm is not one that Signet accepts"
        case .criticalHeader: "its header asks for an extension that nobody here understands"
        case .unknownKey: "the key that it names is none of this server's, or is not published any more"
        case .keyMismatch: "its algorithm is not that of the key that it names"
        case .badSignature: "its signature does not fit: it was changed, or another server made it"
        case .wrongType: "its type is not at+jwt"
        case .wrongIssuer: "it is from another issuer than this server"
        case .wrongAudience: "it is for \(token.audience.joined(separator: " and ")), and not for the API that is asked about"
        case .expired:
            "it expired \(token.expiresAt.seen(from: now))"
                + (now < token.expiresAt.advanced(by: .seconds(30))
                    ? "; an API that allows clocks 30 seconds takes it still" : "")
        case .notYetValid: "it is not valid before \(token.issuedAt.rfc3339), \(token.issuedAt.seen(from: now))"
        case .lifetimeTooLong: "it lives for longer than an hour, which no Signet grants"
        case .proofRequired: "it is bound to a key that whoever sends it has to prove (DPoP)"
        case .revoked: "it was revoked"
        }
    }

    /// What has been revoked: the token, its client, or its session.
    private func revocation(
        of token: AccessToken, signedBy keyID: String, _ standing: SessionStanding?, _ knowledge: Knowledge
    ) async throws -> String? {
        if try await knowledge.store.isTokenRevoked(token.tokenID, keyID: keyID) { return "it was revoked itself, by its jti" }
        guard let client = ClientID(token.clientID), try await knowledge.store.client(client) != nil else {
            return "its client \(token.clientID) was removed"
        }
        guard token.sessionID != nil else { return nil }
        guard let standing else { return "its session is not known any more" }
        return standing.session.row.ending.map { "its session has ended: \(Self.sentence(for: $0, standing))" }
    }

    /// The session that the token names; a client's own token has none.
    private func standing(of token: AccessToken) async throws -> SessionStanding? {
        guard let knowledge, let user = token.userID, let session = token.sessionID else { return nil }
        return try await knowledge.store.standing(of: session, user: user, defaults: knowledge.defaults)
    }
}
