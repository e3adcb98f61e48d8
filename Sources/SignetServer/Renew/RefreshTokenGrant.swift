import HTTPTypes
import Hummingbird
import Metrics
import SignetSessions
import SignetTokens

/// `grant_type=refresh_token` (RFC 6749, section 6): the refresh token alone, or with the user's id or the expired access token beside it.
struct RefreshTokenGrant: Sendable {
    let renew: RenewSession
    let facts: RequestFacts

    func answer(_ request: Request, _ form: OAuthForm, _ context: some RequestContext) async throws -> Response {
        // RFC 6749 section 2.3.1: no secret of a client that has none is accepted.
        guard form.optional("client_secret") == nil, form.optional("client_assertion") == nil,
            request.headers[.authorization] == nil
        else {
            throw ClientAuthenticationRefusal()
        }
        let renewal = RenewalRequest(
            refreshToken: try form.required("refresh_token"), idempotencyKey: try idempotencyKey(request, form),
            clientID: try read("client_id", of: form, as: { ClientID($0) }),
            userID: try read("user_id", of: form, as: { UserID($0) }),
            accessToken: form.optional("access_token"), scope: try scope(form), resources: form.plainValues("resource"),
            origin: facts.origin(of: request, context), deadline: facts.deadline(of: context)
        )
        do {
            let pair = try await renew(renewal)
            Counter(label: "signet_renewals_total", dimensions: [("outcome", "renewed")]).increment()
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
            let isSame = keys[0].text.reveal { first in keys[1].text.reveal { constantTimeEqual(Array(first.utf8), Array($0.utf8)) } }
            guard isSame else { throw IdempotencyKeyRefusal() }
        }
        return keys.first
    }

    private func scope(_ form: OAuthForm) throws -> Scope? {
        guard let text = form.plain("scope") else { return nil }
        guard let scope = Scope(text) else { throw RenewalRefusal.mismatch(.scope) }
        return scope
    }

    private func read<Value>(_ name: String, of form: OAuthForm, as parse: (String) -> Value?) throws -> Value? {
        guard let text = form.plain(name) else { return nil }
        guard let value = parse(text) else { throw FormRefusal.unreadable(name) }
        return value
    }
}

/// The idempotency key is not one.
struct IdempotencyKeyRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "Send one idempotency key of 22 to 64 characters of A-Z a-z 0-9 - _, with at least 128 random bits." }
    var reason: String { "malformed_idempotency_key" }
    var tellsReason: Bool { false }
}

/// A public client sent credentials, which it cannot have (RFC 6749, section 5.2).
struct ClientAuthenticationRefusal: Refusal {
    var code: RefusalCode { .invalidClient }
    var sentence: String { "This client has no secret; send its client_id alone." }
    var reason: String { "unexpected_client_authentication" }
    var tellsReason: Bool { false }
}
