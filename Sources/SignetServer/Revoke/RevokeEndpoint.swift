import HTTPTypes
import Hummingbird
import Logging
import SignetSessions
import SignetTokens

/// `POST /oauth/revoke`: a client gives a token back (RFC 7009).
struct RevokeEndpoint: Sendable {
    let revoke: RevokeToken
    let facts: RequestFacts

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let form = try await OAuthForm(reading: request)
        let client = try PublicClient.read(request, form)
        // An unknown token is answered like a known one (section 2.2): afterwards it is not valid, which is what was asked.
        try await revoke(form.required("token"), client: client, origin: facts.origin(of: request, context))
        context.logger.info("Revoked", metadata: ["client.id": "\(client?.description ?? "unnamed")"])
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }
}
