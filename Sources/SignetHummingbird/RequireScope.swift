public import Hummingbird
import Logging
import SignetTokens

/// Lets only callers through whose token has each of these scopes; stands behind ``BearerAuthentication``.
///
/// ```swift
/// router.group("notes").add(middleware: RequireScope("notes:write")).post(use: create)
/// ```
public struct RequireScope<Context: AccessTokenRequestContext>: RouterMiddleware {
    /// `nil` when what was asked for is no scope at all.
    private let required: Scope?

    /// A guard for the routes that are added after it.
    /// - Parameter scope: scope tokens separated by spaces; a text that names none lets nobody through, for it can only be a mistake.
    public init(_ scope: String) {
        required = Scope(scope).flatMap { $0 == .none ? nil : $0 }
    }

    /// Answers `insufficient_scope`, or goes on.
    /// - Throws: ``NotAuthenticated`` where nothing before it says who calls.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let caller = context.caller else { throw NotAuthenticated() }
        guard let required, required.isSubset(of: caller.token.scope) else {
            context.logger.info("Refused an access token", metadata: ["reason": "insufficientScope"])
            return BearerChallenge.insufficientScope(required).response(realm: caller.realm)
        }
        return try await next(request, context)
    }
}
