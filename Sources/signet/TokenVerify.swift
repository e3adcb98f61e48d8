import ArgumentParser
import Foundation
import Logging
import SignetTokens
import SignetVerifier

/// `signet token verify --jwks FILE-or-URL [TOKEN]`: shows a token's header and claims if an API with these keys would accept it now.
struct TokenVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify an access token, and show its header and claims.",
        discussion:
            "Without --issuer and --audience the token's own are taken: then only the signature and the times are verified.")

    @Option(help: "The issuer's keys: a file, or an https URL (http on this machine).")
    var jwks: String

    @Option(help: "The issuer that the token must name.")
    var issuer: String?

    @Option(help: "The API that the token must be for.")
    var audience: String?

    @OptionGroup var argument: TokenArgument

    func run() async throws {
        let token = try argument.read()
        print(try await verified(token, clock: SystemWallClock()).json.indentedText)
    }

    /// The token's parts, once it was verified.
    /// - Throws: ``CommandFailure``.
    func verified(_ token: Secret<String>, clock: any WallClock) async throws -> DecodedToken {
        let decoded = try DecodedToken(parsing: token)
        let verifier = try verifier(for: decoded, clock: clock)
        do {
            _ = try await verifier.verify(token)
            return decoded
        } catch let error as TokenError {
            throw CommandFailure(Self.sentence(for: error))
        } catch is KeysUnavailable {
            throw CommandFailure("No usable keys could be fetched from \(jwks).")
        }
    }

    private func verifier(for token: DecodedToken, clock: any WallClock) throws(CommandFailure) -> AccessTokenVerifier {
        let issuer = issuer ?? token.claims["iss"]?.string ?? ""
        let own = token.claims["aud"].flatMap { $0.string ?? $0.strings?.first }
        let audience = audience ?? own ?? ""
        guard jwks.hasPrefix("https://") || jwks.hasPrefix("http://") else {
            return AccessTokenVerifier(issuer: issuer, audience: audience, keySet: try keySet(in: jwks), clock: clock)
        }
        return AccessTokenVerifier(
            issuer: issuer, audience: audience, jwksURL: jwks, clock: clock,
            // The one sentence is ours.
            logger: Logger(label: "signet") { _ in SwiftLogNoOpLogHandler() })
    }

    private func keySet(in file: String) throws(CommandFailure) -> KeySet {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw CommandFailure("The file \(file) cannot be read.")
        }
        guard let keys = KeySet(parsing: bytes) else { throw CommandFailure("The file \(file) is not a JSON Web Key Set.") }
        return keys
    }

    private static func sentence(for error: TokenError) -> String {
        switch error {
        case .malformed: "The token is malformed, or a claim that is required is missing or of the wrong type."
        case .unsupportedAlgorithm: "The token's algorithm is not one that is accepted."
        case .criticalHeader: "The token's header asks for an extension that is not understood."
        case .unknownKey: "None of the keys is the one that the token names."
        case .keyMismatch: "The token's algorithm is not that of its key."
        case .badSignature: "The signature does not fit."
        case .wrongType: "The token is not an access token: its type is not at+jwt."
        case .wrongIssuer: "The token is from another issuer."
        case .wrongAudience: "The token is for another API."
        case .expired: "The token has expired."
        case .notYetValid: "The token is not valid yet."
        case .lifetimeTooLong: "The token's lifetime is longer than an hour, which Signet never grants."
        case .proofRequired: "The token is bound to a key, which whoever sends it has to prove (DPoP)."
        case .revoked: "The token was revoked."
        }
    }
}
