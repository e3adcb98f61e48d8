import HTTPTypes
public import Hummingbird
import Logging
import SignetTokens
public import SignetVerifier

/// Lets only requests with a good access token through, and tells the handlers who calls (RFC 6750).
///
/// ```swift
/// router.add(middleware: BearerAuthentication(verifier))
/// router.get("hello") { _, context in "Hello, \(try context.accessToken.subject)" }
/// ```
public struct BearerAuthentication<Context: AccessTokenRequestContext>: RouterMiddleware {
    private let verifier: AccessTokenVerifier
    private let realm: String

    /// A guard for the routes that are added after it.
    /// - Parameter realm: what the challenge names as protected; by default the API's identifier.
    public init(_ verifier: AccessTokenVerifier, realm: String? = nil) {
        self.verifier = verifier
        self.realm = realm ?? verifier.rules.audiences.first ?? "api"
    }

    /// Answers with a challenge, or goes on with the caller in the context.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let token: Secret<String>
        switch PresentedCredentials(of: request) {
        case .none: return BearerChallenge.noCredentials.response(realm: realm)
        case .malformed: return BearerChallenge.invalidRequest.response(realm: realm)
        case .bearer(let presented): token = presented
        }

        let verified: VerifiedAccessToken
        do {
            verified = try await verifier.verify(token)
        } catch let error as TokenError {
            context.logger.info("Refused an access token", metadata: ["reason": "\(error)"])
            return BearerChallenge.invalidToken(error).response(realm: realm)
        } catch let fault as KeysUnavailable {
            // Nothing is known about the token: a 401 would sign honest people out.
            context.logger.error("No signing keys to verify with")
            return Self.tryAgain(after: fault.retryAfter)
        } catch let fault as RevocationsUnknown {
            // The token may be good, and may be revoked.
            context.logger.error("Nothing is known about revocations")
            return Self.tryAgain(after: fault.retryAfter)
        }

        var context = context
        context.caller = Caller(token: verified.token, keyID: verified.keyID, realm: realm)
        return try await next(request, context)
    }

    private static func tryAgain(after pause: Duration) -> Response {
        Problem(
            .serviceUnavailable, "Access tokens cannot be verified right now; try again soon.",
            headers: [.retryAfter: "\(max(1, pause.components.seconds))"]
        ).response
    }
}
