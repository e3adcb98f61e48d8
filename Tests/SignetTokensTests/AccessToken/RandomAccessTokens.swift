import SignetTestKit
import SignetTokens

extension AccessToken {
    private static let texts = ["", "editor", "café", "日本語", "😀 🔑", "quote\" back\\slash / tab\t", "\u{2028}\u{7F}\u{0}"]

    /// A token for `https://api.example.com` that is random in everything that may vary.
    static func random(_ random: inout SplitMix64) -> AccessToken {
        let issuedAt = UnixTime.sometime.advanced(by: .seconds(-random.below(200)))
        var token = AccessToken.fresh(at: issuedAt)
        token.expiresAt = issuedAt.advanced(by: .seconds(201 + random.below(3400)))
        token.subject = UserID.random { [bytes = random.bytes(16)] _ in bytes }.description
        token.tokenID = TokenID.random { [bytes = random.bytes(16)] _ in bytes }.description
        if random.happens(onceIn: 2) { token.audience.append("urn:other") }
        if random.happens(onceIn: 3) { token.sessionID = nil }
        if random.happens(onceIn: 3) { token.authenticatedAt = nil }
        if random.happens(onceIn: 3) { token.scope = Scope.none }
        token.authenticationMethods = ["pwd", "otp", "hwk"].filter { _ in random.happens(onceIn: 2) }
        token.roles = texts.filter { _ in random.happens(onceIn: 3) }
        return token
    }
}
