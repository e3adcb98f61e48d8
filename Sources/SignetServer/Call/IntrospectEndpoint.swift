import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// `POST /oauth/introspect`: what a token is worth at this moment (RFC 7662).
struct IntrospectEndpoint: Sendable {
    let authenticate: AuthenticateClient
    let facts: RequestFacts
    let introspect: Introspect

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let form = try await OAuthForm(reading: request)
        let caller = try await authenticate(
            ClientCredentials.read(request, form), from: facts.origin(of: request, context))
        let answer = try await introspect(form.required("token"), for: caller)
        return Response(.ok, json: answer.map(JSONValue.object) ?? ["active": false])
    }
}
