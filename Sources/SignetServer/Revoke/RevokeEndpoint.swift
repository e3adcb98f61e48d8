import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// `POST /oauth/revoke`: a client gives a token back (RFC 7009).
struct RevokeEndpoint: Sendable {
    let revoke: RevokeToken
    let facts: RequestFacts

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let form = try await OAuthForm(reading: request)
        guard form.optional("client_secret") == nil, request.headers[.authorization] == nil else {
            throw ClientAuthenticationRefusal()
        }
        var client: ClientID?
        if let text = form.plain("client_id") {
            guard let id = ClientID(text) else { throw FormRefusal.unreadable("client_id") }
            client = id
        }
        // An unknown token is answered like a known one (section 2.2): afterwards it is not valid, which is what was asked.
        try await revoke(form.required("token"), client: client, origin: facts.origin(of: request, context))
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }
}
