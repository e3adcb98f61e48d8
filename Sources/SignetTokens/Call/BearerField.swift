/// What the value of one `Authorization` field presents (RFC 6750, section 2.1); nothing of a token is verified yet.
package enum BearerField: Sendable {
    /// A bearer token.
    case token(Secret<String>)
    /// `Bearer`, and then no token, or more than one.
    case malformedToken
    /// Another scheme, which is no bearer token at all.
    case otherScheme
    /// It does not begin with the name of a scheme (RFC 9110, section 11.1).
    case noScheme

    /// Reads the value of a field.
    package init(_ value: String) {
        let bytes = value.utf8
        let scheme = bytes.prefix { $0 != Self.space }
        guard !scheme.isEmpty, scheme.allSatisfy(Self.tokenCharacters.contains) else {
            self = .noScheme
            return
        }
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer" else {
            self = .otherScheme
            return
        }
        // More than one space may follow the scheme (RFC 9110, section 11.4), and nothing may follow the token.
        let token = bytes.dropFirst(scheme.count).drop { $0 == Self.space }
        self = Self.isB64Token(token) ? .token(Secret(String(decoding: token, as: UTF8.self))) : .malformedToken
    }

    private static let space = UInt8(ascii: " ")
    private static let alphanumerics = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let b64TokenCharacters = alphanumerics.union("-._~+/".utf8)
    private static let tokenCharacters = alphanumerics.union("!#$%&'*+-.^_`|~".utf8)

    /// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    private static func isB64Token(_ text: Substring.UTF8View) -> Bool {
        let padding = text.drop { b64TokenCharacters.contains($0) }
        return padding.count < text.count && padding.allSatisfy { $0 == UInt8(ascii: "=") }
    }
}
