import ArgumentParser
import SignetTokens

/// `signet token inspect [TOKEN]`: what stands in a token, without asking whether it is true.
struct TokenInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show a token's header and claims.",
        discussion: "Nothing is verified: anybody can write a token that says anything. `signet token verify` asks who signed it."
    )

    @OptionGroup var argument: TokenArgument

    func run() async throws {
        print(try DecodedToken(parsing: argument.read()).json.indentedText)
    }
}

/// A JWT's two readable parts; any algorithm, for a token is looked at most closely when something is wrong with it.
struct DecodedToken {
    let header: JSONObject
    let claims: JSONObject

    /// - Throws: ``CommandFailure`` when it is no JWT.
    init(parsing token: Secret<String>) throws(CommandFailure) {
        let parts = token.reveal { $0.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init) }
        if parts.count == 1, parts[0].starts(with: "sgr".utf8) {
            throw CommandFailure("This is a refresh token: it is opaque, and only the server can read it.")
        }
        guard parts.count == 3 else {
            throw CommandFailure("This is not a JWT: it has \(parts.count) parts between dots, and a signed JWT has 3.")
        }
        header = try Self.object(parts[0], "header")
        claims = try Self.object(parts[1], "payload")
    }

    /// Both parts.
    var json: JSONValue {
        ["header": .object(header), "claims": .object(claims)]
    }

    private static func object(_ part: [UInt8], _ name: String) throws(CommandFailure) -> JSONObject {
        guard let bytes = Base64URL.decode(part) else {
            throw CommandFailure("This is not a JWT: its \(name) is not base64url in its one canonical spelling.")
        }
        guard let object = (try? JSONValue(parsing: bytes))?.object else {
            throw CommandFailure("This is not a JWT: its \(name) is not a strict JSON object.")
        }
        return object
    }
}
