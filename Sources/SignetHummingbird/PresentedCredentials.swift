import HTTPTypes
import Hummingbird
import SignetTokens

/// What a request presents, read as RFC 6750 section 2.1 says.
enum PresentedCredentials: Sendable {
    /// None that this API understands: no `Authorization`, or one of another scheme.
    case none
    /// A bearer token; nothing of it is verified yet.
    case bearer(Secret<String>)
    /// More than one way or field at once, or a field that breaks the grammar.
    case malformed

    init(of request: Request) {
        let fields = request.headers[values: .authorization]
        guard let field = fields.first else {
            self = .none
            return
        }
        guard fields.count == 1, let scheme = field.utf8.split(separator: Self.space, maxSplits: 1).first,
            scheme.allSatisfy(Self.isTokenCharacter), field.utf8.first != Self.space
        else {
            self = .malformed
            return
        }
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer" else {
            self = .none
            return
        }

        // More than one space may follow the scheme (RFC 9110, section 11.4), and nothing may follow the token.
        let token = field.utf8.dropFirst(scheme.count).drop { $0 == Self.space }
        // A token in the query is never read; sent beside the header it is a second method (RFC 6750, section 2).
        guard Self.isB64Token(token), request.uri.queryParameters["access_token"] == nil else {
            self = .malformed
            return
        }
        self = .bearer(Secret(String(decoding: token, as: UTF8.self)))
    }

    private static let space = UInt8(ascii: " ")
    private static let alphanumerics = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let b64TokenCharacters = alphanumerics.union("-._~+/".utf8)
    private static let tokenCharacters = alphanumerics.union("!#$%&'*+-.^_`|~".utf8)

    /// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    private static func isB64Token(_ text: some Collection<UInt8>) -> Bool {
        let padding = text.drop { b64TokenCharacters.contains($0) }
        return padding.count < text.count && padding.allSatisfy { $0 == UInt8(ascii: "=") }
    }

    private static func isTokenCharacter(_ character: UInt8) -> Bool {
        tokenCharacters.contains(character)
    }
}
