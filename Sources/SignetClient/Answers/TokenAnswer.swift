import SignetTokens

/// The token response of a sign-in or a renewal (RFC 6749, section 5.1).
struct TokenAnswer: Sendable {
    let accessToken: Secret<String>
    let lifetime: Duration
    /// `nil` when the old one stays good (RFC 6749, section 6).
    let refreshToken: Secret<String>?
    let scope: Scope?
    let userID: UserID?
    let sessionID: SessionID?
    let date: UnixTime?

    /// `nil` when anything is missing without which the tokens cannot be used.
    /// - Parameter scheme: what was asked for; tokens of another kind are not taken (RFC 9449, section 5).
    init?(_ answer: ServerAnswer, _ scheme: TokenScheme) {
        guard let object = answer.object,
            object["token_type"]?.string?.lowercased() == scheme.rawValue.lowercased(),
            let accessToken = Self.token(object["access_token"]),
            let seconds = object["expires_in"]?.integer, seconds > 0
        else {
            return nil
        }
        if let member = object["refresh_token"] {
            guard let token = Self.token(member) else { return nil }
            refreshToken = token
        } else {
            refreshToken = nil
        }
        self.accessToken = accessToken
        // A year is longer than any access token lives, and keeps the sums below far from overflowing.
        lifetime = .seconds(min(seconds, 365 * 86_400))
        scope = object["scope"]?.string.flatMap { Scope($0) }
        userID = object["user_id"]?.string.flatMap { UserID($0) }
        sessionID = object["session_id"]?.string.flatMap { SessionID($0) }
        date = answer.date
        // Whose tokens they are must not be left to guessing.
        guard (userID == nil) == (object["user_id"] == nil), (sessionID == nil) == (object["session_id"] == nil) else {
            return nil
        }
    }

    /// A token goes into a header and a file: nothing but the characters of RFC 6750, section 2.1, and of those not without end.
    private static func token(_ value: JSONValue?) -> Secret<String>? {
        guard let text = value?.string, (1...16_384).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        else {
            return nil
        }
        return Secret(text)
    }
}
