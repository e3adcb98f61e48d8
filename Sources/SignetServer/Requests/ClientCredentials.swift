import Foundation
import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// How a client says who it is (RFC 6749, section 2.3): HTTP basic authentication, `client_id` and `client_secret` in the body, or
/// `client_id` alone, which is a public client's way.
enum ClientCredentials {
    /// What a request with a form says of its client; nothing is verified yet.
    /// - Throws: ``ClientCredentialsRefusal``, ``FormRefusal``, ``ClientAuthenticationFailed``.
    static func read(_ request: Request, _ form: OAuthForm) throws -> OfferedCredentials {
        let headers = request.headers[values: .authorization]
        // More than one method in one request is a mistake (section 2.3).
        let hasAssertion = form.optional("client_assertion") != nil
        guard headers.count + (form.optional("client_secret") == nil ? 0 : 1) + (hasAssertion ? 1 : 0) <= 1 else {
            throw ClientCredentialsRefusal()
        }
        // A method that is not served (section 5.2).
        guard !hasAssertion else { throw ClientAuthenticationFailed(isFromHeader: false) }
        var named: ClientID?
        if let text = form.plain("client_id") {
            guard let id = ClientID(text) else { throw FormRefusal.unreadable("client_id") }
            named = id
        }
        return try offered(header: headers.first, named: named, secret: form.optional("client_secret"))
    }

    /// What a sign-in says of its client; a header of another scheme says nothing of it.
    /// - Throws: ``ClientCredentialsRefusal``, ``JSONBodyRefusal``, ``SignInRefusal``, ``ClientAuthenticationFailed``.
    static func read(_ request: Request, _ body: JSONBody) throws -> OfferedCredentials {
        let headers = request.headers[values: .authorization].filter { $0.lowercased().hasPrefix("basic ") }
        let secret = try body.optionalSecret("client_secret")
        guard headers.count + (secret == nil ? 0 : 1) <= 1 else { throw ClientCredentialsRefusal() }
        var named: ClientID?
        if let text = try body.optional("client_id") {
            guard let id = ClientID(text) else { throw SignInRefusal.unknownClient }
            named = id
        }
        return try offered(header: headers.first, named: named, secret: secret)
    }

    private static func offered(
        header: String?, named: ClientID?, secret: Secret<String>?
    ) throws(ClientAuthenticationFailed) -> OfferedCredentials {
        guard let header else { return OfferedCredentials(clientID: named, secret: secret, isFromHeader: false) }
        guard let (id, secret) = basic(header), named == nil || named == id else {
            throw ClientAuthenticationFailed(isFromHeader: true)
        }
        return OfferedCredentials(clientID: id, secret: secret, isFromHeader: true)
    }

    /// The base64 of form-encoded id, colon, form-encoded secret: decoded, split at the first colon, then unescaped (section 2.3.1).
    static func basic(_ header: String) -> (ClientID, Secret<String>)? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", let data = Data(base64Encoded: String(parts[1])),
            // Foundation lets padding pass that does not belong there.
            data.base64EncodedString() == parts[1]
        else { return nil }
        let sides = data.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, let id = OAuthForm.decode(sides[0]).flatMap({ ClientID($0) }),
            let secret = OAuthForm.decode(sides[1]),
            !secret.isEmpty
        else { return nil }
        return (id, Secret(secret))
    }
}

/// Two ways of authentication in one request.
struct ClientCredentialsRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String {
        "Authenticate the client in one way: HTTP basic authentication, or client_id and client_secret in the body."
    }
    var reason: String { "client_credentials" }
    var tellsReason: Bool { false }
}
