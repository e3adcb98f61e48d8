import SignetSessions
import SignetTokens
import Testing

@Suite("Refusing a renewal")
struct RenewalRefusalTests {
    @Test(
        "has a code, a reason, and a rule for whether the reason is told",
        arguments: [
            (.malformed, .invalidGrant, "unknown", false), (.reused, .invalidGrant, "reused", true),
            (.raced, .temporarilyUnavailable, "raced", true), (.ahead, .temporarilyUnavailable, "ahead", true),
            (.declined, .invalidGrant, "ahead", true), (.staleIdempotencyKey, .invalidRequest, "stale_idempotency_key", true),
            (.mismatch(.client), .invalidGrant, "mismatch", false), (.mismatch(.user), .invalidGrant, "mismatch", true),
            (.mismatch(.accessToken), .invalidGrant, "mismatch", true),
            (.mismatch(.grant), .unauthorizedClient, "mismatch", true),
            (.mismatch(.scope), .invalidScope, "mismatch", true), (.mismatch(.resource), .invalidTarget, "mismatch", true),
        ] as [(RenewalRefusal, RefusalCode, String, Bool)])
    func table(refusal: RenewalRefusal, code: RefusalCode, reason: String, tellsReason: Bool) {
        #expect(refusal.code == code)
        #expect(refusal.reason == reason)
        #expect(refusal.tellsReason == tellsReason)
    }

    @Test(
        "of an ended session is invalid_grant with the end as its reason, and one sentence for every end",
        arguments: SessionEnd.allCases)
    func ended(ending: SessionEnd) {
        let refusal = RenewalRefusal.ended(ending)

        #expect(refusal.code == .invalidGrant)
        #expect(refusal.reason == ending.rawValue)
        #expect(refusal.sentence == "The session has ended; sign in again.")
        #expect(refusal.sentence == RenewalRefusal.malformed.sentence)
        #expect(refusal.sentence == RenewalRefusal.reused.sentence)
        #expect(refusal.tellsReason)
    }

    @Test("asks a raced client to come again in a second, and a whole fleet after a restore later")
    func retryAfter() {
        #expect(RenewalRefusal.raced.retryAfter == 1)
        #expect(RenewalRefusal.ahead.retryAfter == 30)
    }
}
