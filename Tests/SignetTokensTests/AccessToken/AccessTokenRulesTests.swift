import SignetTestKit
import SignetTokens
import Testing

@Suite("Verifying an access token")
struct AccessTokenRulesTests {
    private let forge = Forge()

    @Test("a token is read back with every claim that it was made with (JWT-1, JWT-2, JWT-3)")
    func roundTrip() throws {
        var token = AccessToken.fresh()
        token.audience = ["https://api.example.com", "https://id.example.com"]
        token.roles = ["editor", "rôle ✓"]
        token.authenticationMethods = ["pwd", "otp"]

        let text = try token.signed(with: forge.key)
        let verified = try AccessTokenRules.example().verify(text, with: forge.keys, now: .sometime)

        #expect(verified.token == token)
        #expect(verified.keyID == forge.key.publicKey.keyID)
        #expect(verified.token.userID == .ada)
    }

    @Test("our own header has alg, typ and kid and nothing else (JWT-1)")
    func ownHeader() throws {
        let text = try AccessToken.fresh().signed(with: forge.key)

        let jws = try text.reveal { text throws(TokenError) in try CompactJWS(parsing: text.utf8) }

        #expect(jws.header == forge.header)
    }

    @Test("moments are JSON integers in seconds, and one audience is a string (JWT-3)")
    func ownClaims() {
        let claims = AccessToken.fresh().claims

        #expect(claims["iat"] == 1_700_000_000)
        #expect(claims["exp"] == 1_700_000_300)
        #expect(claims["auth_time"] == 1_699_996_400)
        #expect(claims["aud"] == "https://api.example.com")
        #expect(claims["scope"] == "account notes:read")
        #expect(claims["roles"] == nil)
    }

    @Test("a client's own token has no session, no auth_time and no amr (CCG-1)")
    func clientsOwn() throws {
        let token = AccessToken(
            issuer: "https://id.example.com", subject: "worker", audience: ["https://api.example.com"], clientID: "worker",
            issuedAt: .sometime, expiresAt: .sometime.advanced(by: .seconds(60)), tokenID: "t1")

        let verified = try AccessTokenRules.example().verify(
            try token.signed(with: forge.key), with: forge.keys, now: .sometime)

        #expect(verified.token == token)
        #expect(verified.token.userID == nil)
        #expect(token.claims["sid"] == nil)
        #expect(token.claims["auth_time"] == nil)
        #expect(token.claims["amr"] == nil)
    }

    @Test("VER-2: EdDSA passes under both of its names", arguments: ["EdDSA", "Ed25519"])
    func edDSA(_ name: String) throws {
        var header = forge.header
        header["alg"] = .string(name)
        header["kid"] = .string(forge.edDSAKey.publicKey.keyID)

        let verified = try forge.verify(forge.text(header: header, signedWith: forge.edDSAKey))

        #expect(verified.keyID == forge.edDSAKey.publicKey.keyID)
    }

    @Test("VER-4: without kid the only key of the algorithm is taken, and of two none is")
    func withoutKeyID() throws {
        let text = try forge.header("kid", nil)

        #expect(try forge.verify(text).keyID == forge.key.publicKey.keyID)
        #expect(forge.refusal(of: text, with: .of(forge.key, forge.strangersKey)) == .unknownKey)
        #expect(forge.refusal(of: text, with: .of(forge.edDSAKey)) == .unknownKey)
        #expect(forge.refusal(of: text, with: KeySet([])) == .unknownKey)
    }

    @Test("VER-4: jku, x5u, x5c and jwk do nothing, not even harm", arguments: ["jku", "x5u", "x5c", "jwk", "x5t", "unheard-of"])
    func ignoredHeaders(_ name: String) throws {
        #expect(try forge.verify(forge.header(name, "https://evil.example")).token == .fresh())
    }

    @Test(
        "VER-7: typ is at+jwt or application/at+jwt, in any case",
        arguments: ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
    func type(_ type: String) throws {
        #expect(try forge.verify(forge.header("typ", .string(type))).token == .fresh())
    }

    @Test("VER-8: the issuer is compared byte for byte, not by what looks the same")
    func issuer() throws {
        // é in one code point and in two: equal to Swift, not to us.
        let rules = AccessTokenRules(issuer: "https://caf\u{E9}.example", audiences: ["https://api.example.com"])

        #expect(try forge.verify(forge.claim("iss", "https://caf\u{E9}.example"), rules: rules).token.issuer == rules.issuer)
        #expect(forge.refusal(of: try forge.claim("iss", "https://cafe\u{301}.example"), rules: rules) == .wrongIssuer)
    }

    @Test("VER-9: one of the token's audiences must be one of ours")
    func audience() throws {
        let two = try forge.claim("aud", ["https://other.example.com", "https://api.example.com"])
        #expect(try forge.verify(two).token.audience.count == 2)

        let ours = AccessTokenRules(issuer: "https://id.example.com", audiences: ["urn:a", "https://api.example.com"])
        #expect(try forge.verify(forge.text(), rules: ours).token == .fresh())
    }

    @Test("VER-9: a verifier without audience accepts nothing")
    func noAudience() throws {
        let rules = AccessTokenRules(issuer: "https://id.example.com", audiences: [])

        #expect(forge.refusal(of: try forge.text(), rules: rules) == .wrongAudience)
    }

    @Test(
        "VER-10: a token is good until exp and the leeway, and not a millisecond longer",
        arguments: [
            (0, 299_999, nil), (0, 300_000, .expired), (30, 329_999, nil), (30, 330_000, .expired), (-1, 300_000, .expired),
        ]
            as [(leeway: Int64, at: Int64, error: TokenError?)]
    )
    func expiry(leeway: Int64, at milliseconds: Int64, error: TokenError?) throws {
        let now = UnixTime.sometime.advanced(by: .milliseconds(milliseconds))

        #expect(forge.refusal(of: try forge.text(), rules: .example(leeway: .seconds(leeway)), now: now) == error)
    }

    @Test("VER-10: the leeway is at most 300 s, whatever is asked for, and by default 30 s")
    func leeway() throws {
        let rules = AccessTokenRules.example(leeway: .seconds(86_400))

        #expect(rules.leeway == .seconds(300))
        #expect(AccessTokenRules(issuer: "i", audiences: []).leeway == .seconds(30))
        let now = UnixTime.sometime.advanced(by: .seconds(600))
        #expect(forge.refusal(of: try forge.text(), rules: rules, now: now) == .expired)
        #expect(forge.refusal(of: try forge.text(), rules: rules, now: now.advanced(by: .milliseconds(-1))) == nil)
    }

    @Test("VER-10: iat and nbf may lie in the future by the leeway", arguments: ["iat", "nbf"])
    func future(_ claim: String) throws {
        let text = try forge.claim(claim, 1_700_000_030)

        #expect(forge.refusal(of: text) == nil)
        #expect(forge.refusal(of: text, now: UnixTime.sometime.advanced(by: .milliseconds(-1))) == .notYetValid)
        #expect(forge.refusal(of: text, rules: .example(leeway: .zero)) == .notYetValid)
    }

    @Test("VER-10: fractions of a second count, exponents are numbers, and zero is a moment")
    func fractions() throws {
        let text = try forge.raw(payload: replacing("1700000300", with: "1700000300.5"))
        let late = UnixTime.sometime.advanced(by: .milliseconds(330_499))
        #expect(forge.refusal(of: text, now: late) == nil)
        #expect(forge.refusal(of: text, now: late.advanced(by: .milliseconds(1))) == .expired)

        #expect(try forge.verify(forge.raw(payload: replacing("1700000300", with: "1.7000003e9"))).token == .fresh())
        #expect(forge.refusal(of: try forge.claim("nbf", 0)) == nil)
    }

    @Test("VER-10: the largest moment is 2^53 and traps nowhere")
    func largest() throws {
        #expect(forge.refusal(of: try forge.claim("nbf", .integer(1 << 53))) == .notYetValid)
        #expect(forge.refusal(of: try forge.claim("nbf", .number(9_007_199_254_740_992))) == .notYetValid)
        for now in [UnixTime(milliseconds: .min), UnixTime(milliseconds: .max)] {
            #expect(forge.refusal(of: try forge.text(), now: now) == (now < .sometime ? .notYetValid : .expired))
        }
    }

    @Test("a lifetime of an hour is the longest", arguments: [(3600, nil), (3601, .lifetimeTooLong)] as [(Int64, TokenError?)])
    func lifetime(seconds: Int64, error: TokenError?) throws {
        #expect(forge.refusal(of: try forge.claim("exp", .integer(1_700_000_000 + seconds))) == error)
    }

    @Test("a claim that nobody knows, and optional ones left out, do no harm")
    func unknownClaims() throws {
        #expect(try forge.verify(forge.claim("https://example.com/plan", ["gold": [1, .number(2.5)]])).token == .fresh())
        for name in ["sid", "scope", "auth_time", "amr", "roles"] {
            #expect(forge.refusal(of: try forge.claim(name, nil)) == nil)
        }
    }

    @Test("expired is said only of a token that is good in all else")
    func expiredLast() throws {
        let late = UnixTime.sometime.advanced(by: .seconds(9999))

        #expect(forge.refusal(of: try forge.text(), now: late) == .expired)
        #expect(forge.refusal(of: try forge.claim("aud", "urn:other"), now: late) == .wrongAudience)
        #expect(forge.refusal(of: try forge.text(signedWith: forge.strangersKey), now: late) == .badSignature)
        #expect(forge.refusal(of: try forge.claim("cnf", ["jkt": "x"]), now: late) == .proofRequired)
    }

    @Test("REF-6: the origin of a token can be told however old it is and whoever it is for")
    func origin() throws {
        let rules = AccessTokenRules(issuer: "https://id.example.com", audiences: [])
        let old = try AccessToken.fresh(at: UnixTime(seconds: 1_000_000)).signed(with: forge.key)

        let token = try rules.verifyOrigin(old, with: forge.keys)

        #expect(token.subject == UserID.ada.description)
        #expect(token.sessionID == .laptop)
    }

    @Test(
        "REF-6: signature, kind, issuer and lifetime of a token that is sent along are not forgiven",
        arguments: Forgery.signatures + Forgery.algorithms + Forgery.keys + Forgery.payloads + Forgery.forms + [
            .header("typ", "JWT", .wrongType), .claim("iss", "https://other.example.com", .wrongIssuer),
            .claim("exp", 1_800_000_000, .lifetimeTooLong), .claim("sid", "42", .malformed), .claim("exp", nil, .malformed),
        ]
    )
    func originRefused(_ forgery: Forgery) throws {
        let text = Secret(try forgery.make(forge))

        #expect(throws: forgery.error) { try AccessTokenRules.example().verifyOrigin(text, with: forge.keys) }
    }

    private func replacing(_ text: String, with other: String) -> [UInt8] {
        Array(String(decoding: JSONValue.object(forge.claims).bytes, as: UTF8.self).replacing(text, with: other).utf8)
    }
}
