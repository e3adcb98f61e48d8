import Foundation
public import SignetTokens

/// What an API proves itself with to the server, as `signet client add NAME --resource-server` printed it.
///
/// Keys are public, so fetching them needs none; the revocation feed and introspection ask for it (API.md, "The feed").
public enum ResourceServerCredential: Sendable {
    /// `client_id` and `client_secret`, sent with HTTP basic authentication (RFC 6749, section 2.3.1).
    case basic(String, Secret<String>)

    /// The value of the `Authorization` field.
    var authorization: String {
        switch self {
        case .basic(let id, let secret):
            secret.reveal { secret in
                // Each is form-encoded first, so that a colon in the id is not taken for the one between them.
                "Basic " + Data(FormEncoding.encode(id) + [UInt8(ascii: ":")] + FormEncoding.encode(secret)).base64EncodedString()
            }
        }
    }
}
