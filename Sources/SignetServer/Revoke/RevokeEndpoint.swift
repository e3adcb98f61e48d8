import HTTPTypes
import Hummingbird
import Logging
import SignetSessions
import SignetTokens

/// `POST /oauth/revoke`: a client gives a token back (RFC 7009).
struct RevokeEndpoint: Sendable {
    let revoke: RevokeToken
    let authenticate: AuthenticateClient
    let facts: RequestFacts

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let form = try await OAuthForm(reading: request)
        let offered = try ClientCredentials.read(request, form)
        let origin = facts.origin(of: request, context)
        let authentication = try await authenticate.outcome(of: offered, from: origin)
        guard authentication != .failed else { throw ClientAuthenticationFailed(isFromHeader: offered.isFromHeader) }
        // An unknown token is answered like a known one (section 2.2): afterwards it is not valid, which is what was asked.
        try await revoke(
            form.required("token"), client: offered.clientID, isAuthenticated: authentication == .passed, origin: origin)
        context.logger.info("Revoked", metadata: ["client.id": "\(offered.clientID?.description ?? "unnamed")"])
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }
}
