import SignetTestKit
import SignetTokens
import Testing

@Suite("The fixtures")
struct FreshSessionTests {
    @Test("a fresh session's token is genuine and is the row's current one")
    func fresh() {
        let session = FreshSession()

        #expect(session.token.isGenuine(under: session.key))
        #expect(session.row.current == session.token.hash)
        #expect(session.row == .fresh)
    }

    @Test("the row of a generation knows that token and the one before it")
    func laterRow() {
        let session = FreshSession()

        let row = session.row(ofGeneration: 3)

        #expect(row.current == session.token(ofGeneration: 3).hash)
        #expect(row.previous == session.token(ofGeneration: 2).hash)
        #expect(row.generation == 3)
    }

    @Test("the fresh access token passes the rules that it was made for")
    func accessToken() throws {
        let token = try AccessToken.fresh().signed(with: .seeded())

        let verified = try AccessTokenRules.example().verify(token, with: .of(), now: .sometime)

        #expect(verified.token == .fresh())
    }

    @Test("seeded keys are the same for a seed and differ between seeds")
    func seededKeys() {
        #expect(SigningKey.seeded(1).publicKey.keyID == SigningKey.seeded(1).publicKey.keyID)
        #expect(SigningKey.seeded(1).publicKey.keyID != SigningKey.seeded(2).publicKey.keyID)
        #expect(UserID.ada != UserID.grace)
        #expect(SessionID.laptop != SessionID.phone)
    }
}
