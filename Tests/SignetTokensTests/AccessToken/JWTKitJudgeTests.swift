import Crypto
import JWTKit
import SignetTestKit
import SignetTokens
import Testing

@Suite("jwt-kit agrees")
struct JWTKitJudgeTests {
    /// The claims, as jwt-kit decodes and encodes them.
    struct Claims: JWTPayload, Equatable {
        var iss: String
        var sub: String
        var aud: AudienceClaim
        var client_id: String
        var iat: Int
        var exp: Int
        var jti: String
        var sid: String?
        var scope: String?
        var auth_time: Int?
        var amr: [String]?
        var roles: [String]?

        func verify(using algorithm: some JWTAlgorithm) throws {
            try aud.verifyIntendedAudience(includes: "https://api.example.com")
        }

        init(_ token: AccessToken) {
            iss = token.issuer
            sub = token.subject
            aud = AudienceClaim(value: token.audience)
            client_id = token.clientID
            iat = Int(token.issuedAt.seconds)
            exp = Int(token.expiresAt.seconds)
            jti = token.tokenID
            sid = token.sessionID?.description
            scope = token.scope.description
            auth_time = token.authenticatedAt.map { Int($0.seconds) }
            amr = token.authenticationMethods.isEmpty ? nil : token.authenticationMethods
            roles = token.roles.isEmpty ? nil : token.roles
        }
    }

    @Test("it reads two thousand random tokens made here, from the keys published here")
    func readsOurs() async throws {
        let signers = [SigningKey.seeded(1), .seeded(2, .edDSA)]
        let judge = JWTKeyCollection()
        try await judge.add(jwksJSON: String(decoding: KeySet(signers.map(\.publicKey)).json.bytes, as: UTF8.self))
        var random = SplitMix64(seed: 21)
        for number in 0..<2000 {
            let token = AccessToken.random(&random)
            let text = try token.signed(with: signers[number % 2]).reveal { String($0) }

            let claims = try await judge.verify(text, as: Claims.self)

            #expect(claims == Claims(token), "token \(number)")
        }
    }

    @Test("it makes two thousand random tokens, and they are read here")
    func makesTheirs() async throws {
        let es256 = P256.Signing.PrivateKey()
        let edDSA = Curve25519.Signing.PrivateKey()
        let judge = JWTKeyCollection()
        try await judge.add(ecdsa: ES256PrivateKey(backing: es256), kid: "0")
        await judge.add(eddsa: EdDSA.PrivateKey(backing: edDSA), kid: "1")
        let published = [SigningKey(es256: es256), SigningKey(edDSA: edDSA)].map(\.publicKey.jwk).enumerated().map {
            number, jwk in
            var jwk = jwk
            jwk["kid"] = .string("\(number)")
            return JSONValue.object(jwk)
        }
        let document: JSONValue = ["keys": .array(published)]
        let keys = try #require(KeySet(parsing: document.bytes))
        var random = SplitMix64(seed: 22)
        for number in 0..<2000 {
            let token = AccessToken.random(&random)
            let text = try await judge.sign(
                Claims(token), kid: JWKIdentifier(string: "\(number % 2)"), header: ["typ": .string("at+jwt")])

            let verified = try AccessTokenRules.example().verify(Secret(text), with: keys, now: .sometime)

            #expect(verified.token == token, "token \(number)")
            #expect(verified.keyID == "\(number % 2)")
        }
    }
}
