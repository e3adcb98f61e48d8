import SignetTestKit
import SignetTokens
import Testing

@Suite("No kind of token passes for another (TRAP-10)")
struct TokenKindsTests {
    /// What Signet or a neighbour of it hands out. All that can be alike is alike: issuer, audience, key, subject, lifetime.
    enum Kind: String, CaseIterable, Sendable {
        case accessToken, refreshToken, idToken, logoutToken, event, clientAssertion, dpopProof, untyped, sessionID,
            idempotencyKey
    }

    /// Where a token is taken in this room.
    enum Door: String, CaseIterable, Sendable {
        case api, renewalsAccessToken, renewalsRefreshToken
    }

    @Test("at every door only its own kind passes", arguments: Kind.allCases, Door.allCases)
    func matrix(_ kind: Kind, at door: Door) throws {
        let passes = try Self.passes(Self.text(of: kind), at: door)

        let isMeant =
            switch door {
            case .api, .renewalsAccessToken: kind == .accessToken
            case .renewalsRefreshToken: kind == .refreshToken
            }
        #expect(passes == isMeant)
    }

    private static let forge = Forge()
    private static let session = FreshSession()

    private static func passes(_ text: String, at door: Door) -> Bool {
        switch door {
        case .api: forge.refusal(of: text) == nil
        case .renewalsAccessToken:
            (try? AccessTokenRules.example().verifyOrigin(Secret(text), with: forge.keys)) != nil
        case .renewalsRefreshToken:
            RefreshToken(parsing: Secret(text)).map { $0.isGenuine(under: session.key) } ?? false
        }
    }

    private static func text(of kind: Kind) throws -> String {
        switch kind {
        case .accessToken: try forge.text()
        case .refreshToken: session.token.text.reveal { String($0) }
        // OIDC's id tokens say JWT, or nothing.
        case .idToken: try forge.header("typ", "JWT")
        case .logoutToken: try forge.header("typ", "logout+jwt")
        case .event: try forge.header("typ", "secevent+jwt")
        case .clientAssertion: try forge.header("typ", "client-authentication+jwt")
        case .dpopProof: try forge.header("typ", "dpop+jwt")
        case .untyped: try forge.header("typ", nil)
        case .sessionID: SessionID.laptop.description
        case .idempotencyKey: IdempotencyKey.seeded(1).text.reveal { String($0) }
        }
    }
}
