import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// How a client without a secret names itself: by `client_id`, or not at all, for its tokens say whose they are.
enum PublicClient {
    /// The client that is named.
    /// - Throws: ``ClientAuthenticationRefusal``, ``FormRefusal``.
    static func read(_ request: Request, _ form: OAuthForm) throws -> ClientID? {
        // RFC 6749 section 2.3.1: a client that has no secret is not believed one.
        guard form.optional("client_secret") == nil, form.optional("client_assertion") == nil,
            request.headers[.authorization] == nil
        else {
            throw ClientAuthenticationRefusal()
        }
        guard let text = form.plain("client_id") else { return nil }
        guard let client = ClientID(text) else { throw FormRefusal.unreadable("client_id") }
        return client
    }
}

/// A public client sent credentials, which it cannot have (RFC 6749, section 5.2).
struct ClientAuthenticationRefusal: Refusal {
    var code: RefusalCode { .invalidClient }
    var sentence: String { "This client has no secret; send its client_id alone." }
    var reason: String { "unexpected_client_authentication" }
    var tellsReason: Bool { false }
}
