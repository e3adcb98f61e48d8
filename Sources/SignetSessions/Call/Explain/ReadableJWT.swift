package import SignetTokens

/// The two parts of a JWT that anybody can read; who signed it is another question.
package struct ReadableJWT: Sendable {
    /// Why a text with dots is no JWT.
    package enum Problem: Error, Hashable, Sendable {
        case parts(Int), emptyPart(String), spelling(String), notAnObject(String), tooLong(Int)

        /// A sentence without its beginning.
        var sentence: String {
            switch self {
            case .parts(1): "it is the beginning of a JWT and was cut off: a JWT has three parts between dots"
            case .parts(2): "it has two parts between dots, and a JWT has three: it was cut off, or nobody signed it"
            case .parts(5): "it is an encrypted JWT, which nobody here makes or reads"
            case .parts(let count): "it has \(count) parts between dots, and a JWT has three"
            case .emptyPart(let part): "its \(part) is empty, so it was cut off, or nobody signed it"
            case .spelling(let part):
                "its \(part) is not base64url without padding in its one spelling: it was cut off, or changed, or is no JWT"
            case .notAnObject(let part): "its \(part) is no strict JSON object, so it was changed, or is no JWT"
            case .tooLong(let count):
                "it has \(count) characters, and nobody reads a JWT of more than \(CompactJWS.maximumLength)"
            }
        }
    }

    /// The kinds that are told apart by the header's `typ`.
    package enum Kind: Hashable, Sendable {
        case accessToken, event
        /// Something that is neither, by what it is called.
        case other(String)
    }

    package let header: JSONObject
    package let claims: JSONObject

    init(_ text: borrowing String) throws(Problem) {
        guard text.utf8.count <= CompactJWS.maximumLength else { throw .tooLong(text.utf8.count) }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 3 else { throw .parts(parts.count) }
        header = try Self.object(parts[0], "header")
        claims = try Self.object(parts[1], "payload")
        _ = try Self.bytes(parts[2], "signature")
    }

    package var kind: Kind {
        let named = header["typ"]?.string?.lowercased() ?? "jwt"
        let type = named.hasPrefix("application/") ? String(named.dropFirst("application/".count)) : named
        return switch type {
        case "at+jwt": .accessToken
        case "secevent+jwt": .event
        case "logout+jwt": .other("logout token")
        case "dpop+jwt": .other("DPoP proof")
        case "client-authentication+jwt": .other("client assertion")
        case "jwt": .other("id token, or another JWT that does not say what it is for")
        default: .other("JWT of another kind")
        }
    }

    private static func object(_ part: [UInt8], _ name: String) throws(Problem) -> JSONObject {
        let bytes = try bytes(part, name)
        guard let object = (try? JSONValue(parsing: bytes))?.object else { throw .notAnObject(name) }
        return object
    }

    private static func bytes(_ part: [UInt8], _ name: String) throws(Problem) -> [UInt8] {
        guard !part.isEmpty else { throw .emptyPart(name) }
        guard let bytes = Base64URL.decode(part) else { throw .spelling(name) }
        return bytes
    }
}
