package import SignetTokens

/// What a text that was offered as a token is, by its shape alone.
package enum TokenText: Sendable {
    case refreshToken(RefreshToken)
    case jwt(ReadableJWT)
    /// No token; the reason is a sentence without its beginning.
    case misshapen(String)

    /// The longest text that is looked at: no token is half as long.
    private static let maximumLength = 2 * CompactJWS.maximumLength

    package init(_ text: Secret<String>) {
        guard text.reveal({ $0.utf8.count }) <= Self.maximumLength else {
            self = .misshapen("it is longer than any token can be")
            return
        }
        self.init(text, isWrapped: true)
    }

    /// - Parameter isWrapped: whether something may stand around it; what is inside of one wrapping is not unwrapped again.
    private init(_ text: Secret<String>, isWrapped: Bool) {
        if let token = RefreshToken(parsing: text) {
            self = .refreshToken(token)
            return
        }
        self = text.reveal { text in
            if isWrapped, let trouble = Self.wrapping(text) { return .misshapen(trouble) }
            if text.lowercased().hasPrefix("sgr") { return .misshapen(Self.refreshTokenTrouble(text)) }
            guard text.contains(".") || text.hasPrefix("eyJ") else { return .misshapen(Self.otherwise(text)) }
            do throws(ReadableJWT.Problem) {
                return .jwt(try ReadableJWT(text))
            } catch {
                return .misshapen(error.sentence)
            }
        }
    }

    /// What stands around a token that is none because of it.
    private static func wrapping(_ text: String) -> String? {
        if text.count > 1, let first = text.first, let last = text.last, "\"'`“‘".contains(first), "\"'`”’".contains(last) {
            return "it stands in quotation marks; leave them out. \(inside(text.dropFirst().dropLast()))"
        }
        for word in ["authorization:", "bearer ", "dpop ", "basic "] where text.lowercased().hasPrefix(word) {
            let name = text.prefix(word.count).trimmingPrefix { $0 == " " }
            return
                "the word \(name.filter { $0 != " " }) stands in front of it; leave it out. \(inside(text.dropFirst(word.count)))"
        }
        if text.hasPrefix("{") { return "it is a JSON document; take the value of access_token or of refresh_token out of it" }
        if text.contains(where: \.isWhitespace) {
            return "there is white space in it, as when a long line was broken; join the lines"
        }
        return nil
    }

    private static func inside(_ text: some StringProtocol) -> String {
        let inner = String(text.drop { $0 == " " })
        return switch TokenText(Secret(inner), isWrapped: false) {
        case .refreshToken: "What is left has the shape of a refresh token"
        case .jwt: "What is left has the shape of a JWT"
        case .misshapen: "What is left is no token either"
        }
    }

    private static func refreshTokenTrouble(_ text: String) -> String {
        let prefix = "sgr1_"
        guard text.hasPrefix(prefix) else {
            return text.lowercased().hasPrefix(prefix)
                ? "a refresh token begins with \(prefix) in small letters; capitals count"
                : "it begins like a refresh token of another version; this one reads those that begin with \(prefix)"
        }
        let count = text.utf8.count
        if let other = firstStranger(in: text.dropFirst(prefix.count)) {
            return other == "=" || other == "+" || other == "/"
                ? "it has the character \(other) in it, which base64url without padding does not have; take it as it was issued"
                : "it has a character in it that is none of A-Z a-z 0-9 - _; take it as it was issued"
        }
        if count < 119 { return "it was cut off: it has \(count) characters, and a refresh token has 119" }
        if count > 119 { return "it is too long: it has \(count) characters, and a refresh token has 119" }
        return "its last character spells bits that no refresh token has, so it was changed"
    }

    /// What has neither the beginning of one kind of token nor the dots of the other.
    private static func otherwise(_ text: String) -> String {
        if SessionID(text) != nil { return "it is a UUID: the id of a user, a session or a token, and no token" }
        if firstStranger(in: text) == nil {
            if text.utf8.count == 43 {
                return "it has the shape of a client secret or an idempotency key, which are no tokens"
            }
            if text.utf8.count == 114 { return "it has the length of a refresh token that has lost its beginning sgr1_" }
        }
        return "it has none of the shapes that tokens have: sgr1_ and 114 characters, or three parts between dots"
    }

    private static func firstStranger(in text: some StringProtocol) -> Character? {
        text.first { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")) }
    }
}
