import SignetTestKit
import SignetTokens
import Testing

@Suite("Forged and malformed access tokens are refused, each for its own reason")
struct ForgedAccessTokensTests {
    private static let forge = Forge()

    @Test("the genuine token passes, or the refusals below would prove nothing")
    func genuine() throws {
        #expect(try Self.forge.verify(Self.forge.text()).token == .fresh())
    }

    @Test("by its form (VER-1, VER-5, TRAP-6, TRAP-9)", arguments: Forgery.forms)
    func form(_ forgery: Forgery) throws {
        #expect(Self.forge.refusal(of: try forgery.make(Self.forge)) == forgery.error)
    }

    @Test("by its algorithm, before a key is looked up (VER-2, TRAP-1, TRAP-2)", arguments: Forgery.algorithms)
    func algorithm(_ forgery: Forgery) throws {
        let text = try forgery.make(Self.forge)

        #expect(Self.forge.refusal(of: text) == forgery.error)
        #expect(Self.forge.refusal(of: text, with: KeySet([])) == forgery.error)
    }

    @Test("by its key (VER-3, VER-4, TRAP-3)", arguments: Forgery.keys)
    func key(_ forgery: Forgery) throws {
        #expect(Self.forge.refusal(of: try forgery.make(Self.forge)) == forgery.error)
    }

    @Test("by its signature (VER-6, TRAP-4)", arguments: Forgery.signatures)
    func signature(_ forgery: Forgery) throws {
        #expect(Self.forge.refusal(of: try forgery.make(Self.forge)) == forgery.error)
    }

    @Test("by its payload (VER-1, TRAP-7)", arguments: Forgery.payloads)
    func payload(_ forgery: Forgery) throws {
        #expect(Self.forge.refusal(of: try forgery.make(Self.forge)) == forgery.error)
    }

    @Test("by its claims (VER-10, TRAP-8)", arguments: Forgery.claims)
    func claims(_ forgery: Forgery) throws {
        #expect(Self.forge.refusal(of: try forgery.make(Self.forge)) == forgery.error)
    }

    @Test("by its purpose (VER-7 to VER-10, TRAP-11)", arguments: Forgery.purposes)
    func purpose(_ forgery: Forgery) throws {
        #expect(Self.forge.refusal(of: try forgery.make(Self.forge)) == forgery.error)
    }

    @Test("what a caller is told says only whether it has expired")
    func description() {
        #expect(TokenError.expired.challengeDescription == "The access token expired")
        #expect(TokenError.badSignature.challengeDescription == TokenError.wrongAudience.challengeDescription)
    }
}
