import SignetTestKit
import SignetTokens

extension Revocation {
    /// A revocation of `subject`, remembered for an hour and five minutes unless said otherwise.
    static func of(
        _ subject: RevokedSubject, at now: UnixTime = .sometime, forgetAt: UnixTime?? = nil, id: UInt64 = 1
    ) -> Revocation {
        Revocation(
            id: .random(seededRandomBytes(id)), subject: subject, at: now, initiator: .user, reason: "signed_out",
            forgetAt: forgetAt ?? now.advanced(by: Revocation.memory))
    }
}

extension TestIssuer {
    /// A good token of which each thing that can be revoked is given.
    func token(
        of session: SessionID?, at now: UnixTime, tokenID: String = "1", client: String = "signet"
    ) throws -> Secret<String> {
        var claims = claims(at: now, tokenID: tokenID)
        claims.sessionID = session
        claims.clientID = client
        return try claims.signed(with: key)
    }

    /// What the token above is to whoever has verified it.
    func verified(
        at now: UnixTime, session: SessionID? = .laptop, tokenID: String = "1", client: String = "signet"
    ) throws -> VerifiedAccessToken {
        try AccessTokenRules(issuer: name, audiences: ["https://api.example.com"]).verify(
            token(of: session, at: now, tokenID: tokenID, client: client), with: keySet, now: now)
    }
}
