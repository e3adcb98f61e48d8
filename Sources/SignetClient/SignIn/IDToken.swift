import SignetTokens

/// The id token of a token response (OIDC Core, section 3.1.3.7), as far as it says that the code was this sign-in's own.
///
/// Its signature is not looked at: it came over TLS from the token endpoint itself, not through the browser (item 6 there).
struct IDToken {
    private let claims: JSONObject

    /// `nil` when there is none, or none that can be read.
    init?(_ answer: ServerAnswer) {
        guard let text = answer.object?["id_token"]?.string, let token = try? CompactJWS(parsing: Array(text.utf8)),
            let claims = (try? JSONValue(parsing: token.payload))?.object
        else {
            return nil
        }
        self.claims = claims
    }

    /// Whether it was made for this client's request, by this issuer, and is not over.
    func isFor(_ clientID: ClientID, nonce: String, from issuer: String, at now: UnixTime) -> Bool {
        let audiences = claims["aud"]?.strings ?? [claims["aud"]?.string].compactMap(\.self)
        return claims["nonce"]?.string?.hasSameBytes(as: nonce) == true
            && claims["iss"]?.string?.hasSameBytes(as: issuer) == true
            && audiences.contains { $0.hasSameBytes(as: clientID.description) }
            && claims["exp"]?.integer.map { now < UnixTime(seconds: $0) } == true
    }
}
