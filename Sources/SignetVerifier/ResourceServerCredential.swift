public import SignetTokens

/// What an API proves itself with to the server, as `signet client add NAME --resource-server` printed it.
///
/// Keys are public, so fetching them needs none; the revocation feed asks for it (API.md, "The feed").
public enum ResourceServerCredential: Sendable {
    /// `client_id` and `client_secret`, sent with HTTP basic authentication (RFC 6749, section 2.3.1).
    case basic(String, Secret<String>)
}
