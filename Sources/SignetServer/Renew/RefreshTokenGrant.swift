import HTTPTypes
import Hummingbird
import Logging
import Metrics
import SignetSessions
import SignetTokens

/// `grant_type=refresh_token` (RFC 6749, section 6): the refresh token alone, or with the user's id or the expired access token beside it.
struct RefreshTokenGrant: Sendable {
    let renew: RenewSession
    let authenticate: AuthenticateClient
    let facts: RequestFacts

    func answer(_ request: Request, _ form: OAuthForm, _ context: some RequestContext) async throws -> Response {
        let offered = try ClientCredentials.read(request, form)
        let origin = facts.origin(of: request, context)
        let renewal = RenewalRequest(
            refreshToken: try form.required("refresh_token"), idempotencyKey: try idempotencyKey(request, form),
            clientID: offered.clientID, clientAuthentication: try await authenticate.outcome(of: offered, from: origin),
            namedUser: UserSentAlong(form.plain("user_id")), accessToken: form.optional("access_token"), scope: try scope(form),
            resources: form.plainValues("resource"),
            origin: origin, deadline: facts.deadline(of: context)
        )
        do {
            let pair = try await renew(renewal)
            Counter(label: "signet_renewals_total", dimensions: [("outcome", "renewed")]).increment()
            context.logger.info("Renewed", metadata: ["user.id": "\(pair.userID)", "session.id": "\(pair.sessionID)"])
            return TokenAnswer.response(.ok, pair)
        } catch {
            let outcome = (error as? any Refusal)?.reason ?? "failed"
            Counter(label: "signet_renewals_total", dimensions: [("outcome", outcome)]).increment()
            throw error
        }
    }

    /// The key stands in the header, or where proxies strip headers in a field; both, and different, is a mistake.
    private func idempotencyKey(_ request: Request, _ form: OAuthForm) throws -> IdempotencyKey? {
        let headers = request.headers[values: .idempotencyKey]
        guard headers.count <= 1 else { throw IdempotencyKeyRefusal() }
        let offered = headers.map { Secret($0) } + [form.optional("idempotency_key")].compactMap(\.self)
        let keys = try offered.map { text throws(IdempotencyKeyRefusal) in
            guard let key = IdempotencyKey(text) else { throw IdempotencyKeyRefusal() }
            return key
        }
        if keys.count == 2 {
            let isSame = keys[0].text.reveal { first in
                keys[1].text.reveal { constantTimeEqual(Array(first.utf8), Array($0.utf8)) }
            }
            guard isSame else { throw IdempotencyKeyRefusal() }
        }
        return keys.first
    }

    private func scope(_ form: OAuthForm) throws(ScopeRefusal) -> Scope? {
        guard let text = form.plain("scope") else { return nil }
        guard let scope = Scope(text) else { throw ScopeRefusal() }
        return scope
    }
}

/// The scope breaks the grammar of RFC 6749, section 3.3.
struct ScopeRefusal: Refusal {
    var code: RefusalCode { .invalidScope }
    var sentence: String { "The scope is malformed; write its parts with one space between them." }
    var reason: String { "malformed_scope" }
    var tellsReason: Bool { false }
}

/// The idempotency key is not one.
struct IdempotencyKeyRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "Send one idempotency key of 22 to 64 characters of A-Z a-z 0-9 - _, with at least 128 random bits." }
    var reason: String { "malformed_idempotency_key" }
    var tellsReason: Bool { false }
}
