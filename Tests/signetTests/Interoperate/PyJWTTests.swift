import Testing

extension Story {
    @Suite("Other people's JWT library: PyJWT")
    struct PyJWTTests {
        /// Fetches the keys, verifies the token on standard input, and prints whose it is; status 1 and the kind of error if it is not good.
        private static let program = """
            import sys, jwt
            issuer, audience = sys.argv[1:]
            token = sys.stdin.read()
            keys = jwt.PyJWKClient(issuer + '/.well-known/jwks.json')
            try:
                key = keys.get_signing_key_from_jwt(token)
                claims = jwt.decode(token, key, algorithms=['ES256'], issuer=issuer, audience=audience,
                    options={'require': ['exp', 'iat', 'iss', 'aud', 'sub', 'jti', 'client_id']})
                assert jwt.get_unverified_header(token)['typ'] == 'at+jwt'
            except jwt.PyJWTError as error:
                print(type(error).__name__)
                sys.exit(1)
            print(claims['sub'], claims['sid'])
            """

        @Test("verifies an access token by the running server's keys, with issuer, audience and algorithm, and nothing else")
        func verifies() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let api = "https://notes.example"
                    let client = try await signet.addClient("Notes", "--first-party", "--resource", api)
                    let tokens = try await signet.signIn(client: client)
                    let renewed: IssuedTokens = try await signet.renew(tokens.refreshToken).json()

                    for token in [tokens.accessToken, renewed.accessToken] {
                        for audience in [api, signet.issuer] {
                            let verdict = try await verdict(on: token, issuer: signet.issuer, audience: audience)
                            #expect(verdict.exit == .status(0), "\(verdict.output)")
                            #expect(verdict.output == "\(tokens.userID) \(tokens.sessionID)\n")
                        }
                    }
                    let elsewhere = try await verdict(
                        on: tokens.accessToken, issuer: signet.issuer, audience: "https://other.example")
                    #expect(elsewhere.output == "InvalidAudienceError\n")
                    let tampered = try await verdict(
                        on: tampered(tokens.accessToken), issuer: signet.issuer, audience: api)
                    #expect(tampered.exit == .status(1))
                    #expect(tampered.output == "InvalidSignatureError\n")
                }
            }
        }

        private func verdict(
            on token: String, issuer: String, audience: String
        ) async throws -> SignetProcess.Outcome {
            try await Tool.runPython(Self.program, [issuer, audience], input: token)
        }

        /// The same token with another signature, which differs in one bit of its middle.
        private func tampered(_ token: String) -> String {
            var letters = Array(token)
            let place = letters.count - 40
            letters[place] = letters[place] == "A" ? "B" : "A"
            return String(letters)
        }
    }
}
