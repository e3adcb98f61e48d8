import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// `GET /v1/verify[?scope=S][&resource=R]`: forward authentication for nginx, Traefik and Envoy: 200 with who calls, or 401 or 403.
struct VerifyEndpoint: Sendable {
    let bearer: AuthenticateBearer

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let query = request.uri.queryParameters
        guard let scope = Scope(query["scope"].map { String($0).replacing("+", with: " ") } ?? "") else { throw VerifyRefusal() }
        let bearer = try await bearer(token(request), audience: query["resource"].map(String.init), scope: scope)
        var headers: HTTPFields = [
            .cacheControl: "no-store", .signetClient: bearer.token.clientID, .signetScope: bearer.token.scope.description,
        ]
        // A client that acts for itself is no user: these two are left out, and an API sees at once that no person calls.
        headers[.signetUser] = bearer.standing?.session.userID.description
        headers[.signetSession] = bearer.standing?.session.id.description
        return Response(status: .ok, headers: headers)
    }

    /// Proxies understand 401 and 403 and nothing else, so a malformed header is a bad token here.
    private func token(_ request: Request) throws -> Secret<String> {
        do {
            return try BearerToken.read(from: request)
        } catch .malformedHeader {
            throw CallerRefusal.token(.malformed)
        }
    }
}

/// The proxy asks for something that cannot be a scope; a 403 tells its operator, for no caller can have it.
struct VerifyRefusal: Refusal {
    var code: RefusalCode { .insufficientScope }
    var sentence: String { "The scope that this proxy asks for is malformed." }
    var reason: String { "malformed_scope" }
    var tellsReason: Bool { false }
}
