package import SignetTokens

/// Says why a token of any kind is, or is not, accepted. It changes nothing, and nobody learns that it was asked.
package struct ExplainToken: Sendable {
    /// What only the operator has: the database, and the keys that are in it.
    package struct Knowledge: Sendable {
        package let store: any SessionStore
        package let ring: KeyRing.Snapshot
        package let signingKeys: [SealedSigningKey]
        package let defaults: PolicyDefaults

        package init(
            store: any SessionStore, ring: KeyRing.Snapshot, signingKeys: [SealedSigningKey], defaults: PolicyDefaults
        ) {
            self.store = store
            self.ring = ring
            self.signingKeys = signingKeys
            self.defaults = defaults
        }

        /// The key that a JWT names.
        func key(of jwt: ReadableJWT) -> SealedSigningKey? {
            guard let keyID = jwt.header["kid"]?.string else { return nil }
            return signingKeys.first { $0.keyID.hasSameBytes(as: keyID) }
        }
    }

    let knowledge: Knowledge?
    let clock: any WallClock

    /// - Parameter knowledge: `nil` says what can be known without it.
    package init(knowledge: Knowledge?, clock: any WallClock) {
        self.knowledge = knowledge
        self.clock = clock
    }

    /// The explanation.
    ///
    /// - Parameter audience: the API that is asked about; `nil` is any that the token names.
    /// - Throws: a fault.
    package func callAsFunction(_ text: Secret<String>, audience: String? = nil) async throws -> Explanation {
        switch TokenText(text) {
        case .refreshToken(let token): try await refreshToken(token)
        case .jwt(let jwt):
            switch jwt.kind {
            case .accessToken: try await accessToken(text, jwt, audience: audience)
            case .event: event(text, jwt)
            case .other(let name): other(text, jwt, name)
            }
        case .misshapen(let reason): explanation(.refused, reason, Facts(kind: "no token"))
        }
    }

    func explanation(_ verdict: Explanation.Verdict, _ reason: String, _ facts: Facts) -> Explanation {
        Explanation(verdict, reason, facts, now: clock.now)
    }

    /// The key of this server that signed a JWT, published or not; `nil` when none did, or nobody here can tell.
    func signer(of text: Secret<String>) -> PublicKey? {
        guard let keys = knowledge?.ring.everKnown else { return nil }
        return text.reveal { text in (try? CompactJWS(parsing: text.utf8)).flatMap { try? $0.verify(with: keys) } }
    }

    /// A JWT that opens no door here.
    private func other(_ text: Secret<String>, _ jwt: ReadableJWT, _ name: String) -> Explanation {
        var facts = Facts(kind: name)
        facts.add("type", jwt.header["typ"]?.string)
        facts.add(signature: jwt, by: signer(of: text), knowledge, now: clock.now)
        facts.add(claims: jwt.claims)
        return explanation(
            .refused,
            "it is no access token and no refresh token; an API takes only a JWT whose type is at+jwt (RFC 9068)", facts)
    }
}

extension Facts {
    /// Who signed a JWT, and what has become of that key.
    mutating func add(
        signature jwt: ReadableJWT, by key: PublicKey?, _ knowledge: ExplainToken.Knowledge?, now: UnixTime
    ) {
        add("algorithm", jwt.header["alg"]?.string)
        add("key_id", jwt.header["kid"]?.string)
        guard let knowledge else { return }
        let named = knowledge.key(of: jwt)
        // Whoever has a leaked key signs as its owner does: nobody can tell any more.
        if named?.revokedAt == nil { add("genuine", .flag(key != nil)) }
        add("key_state", named.map { knowledge.signingKeys.state(of: $0, at: now).name })
    }

    /// The claims that every JWT may have (RFC 7519, section 4.1).
    mutating func add(claims: JSONObject) {
        func moment(_ name: String) -> UnixTime? { claims[name]?.integer.map(UnixTime.init(seconds:)) }

        add("issuer", claims["iss"]?.string)
        add("subject", claims["sub"]?.string)
        let audience = claims["aud"].flatMap { $0.strings ?? $0.string.map { [$0] } }
        add("audience", audience.map(Explanation.Fact.list))
        add("client_id", claims["client_id"]?.string)
        add("token_id", claims["jti"]?.string)
        add("session_id", claims["sid"]?.string)
        add("scope", claims["scope"]?.string)
        add("roles", claims["roles"]?.strings.map(Explanation.Fact.list))
        add("amr", claims["amr"]?.strings.map(Explanation.Fact.list))
        add("authenticated_at", moment("auth_time"))
        add("issued_at", moment("iat"))
        add("not_before", moment("nbf"))
        add("expires_at", moment("exp"))
    }
}
