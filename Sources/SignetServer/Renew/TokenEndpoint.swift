import Hummingbird
import SignetSessions

/// `POST /oauth/token`: reads the form and hands it to the grant that it names (RFC 6749, section 3.2).
struct TokenEndpoint: Sendable {
    let refreshToken: RefreshTokenGrant
    let clientCredentials: ClientCredentialsGrant

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let form = try await OAuthForm(reading: request)
        guard let grant = form.plain("grant_type") else { throw FormRefusal.missing("grant_type") }
        switch grant {
        case "refresh_token": return try await refreshToken.answer(request, form, context)
        case "client_credentials": return try await clientCredentials.answer(request, form, context)
        default: throw GrantRefusal()
        }
    }
}

/// A grant that Signet does not have, such as `password`.
struct GrantRefusal: Refusal {
    var code: RefusalCode { .unsupportedGrantType }
    var sentence: String { "This grant_type is not served here; the server's metadata lists those that are." }
    var reason: String { "unsupported_grant_type" }
    var tellsReason: Bool { false }
}
