import HTTPTypes
import Hummingbird
import Logging
import SignetSessions
import SignetTokens

/// `grant_type=client_credentials` (RFC 6749, section 4.4): a confidential client gets a token for itself.
struct ClientCredentialsGrant: Sendable {
    let authenticate: AuthenticateClient
    let facts: RequestFacts
    let issue: IssueClientToken

    func answer(_ request: Request, _ form: OAuthForm, _ context: some RequestContext) async throws -> Response {
        let client = try await authenticate(
            ClientCredentials.read(request, form), from: facts.origin(of: request, context))
        var scope: Scope?
        if let text = form.plain("scope") {
            guard let asked = Scope(text) else { throw ScopeRefusal() }
            scope = asked
        }
        let token = try await issue(for: client, scope: scope, resources: form.plainValues("resource"))
        context.logger.info("Issued a client's token", metadata: ["client.id": "\(client.id)"])
        return TokenAnswer.response(.ok, token)
    }
}
