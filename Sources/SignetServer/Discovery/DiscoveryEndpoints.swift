import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// What others learn Signet by: its public keys (RFC 7517) and its metadata (RFC 8414), which names only what is there.
struct DiscoveryEndpoints: Sendable {
    let issuer: String
    let ring: KeyRing
    /// How long the key set may be cached.
    let cacheTime: Duration

    func keys() async -> Response {
        let published = await ring.current().published
        return Response(.ok, json: published.json, type: "application/jwk-set+json", headers: headers)
    }

    func metadata() -> Response {
        Response(
            .ok,
            json: [
                "issuer": .string(issuer),
                "token_endpoint": .string(issuer + "/oauth/token"),
                "introspection_endpoint": .string(issuer + "/oauth/introspect"),
                "revocation_endpoint": .string(issuer + "/oauth/revoke"),
                "jwks_uri": .string(issuer + "/.well-known/jwks.json"),
                "scopes_supported": ["account", "admin", "revocations:read"],
                "grant_types_supported": ["refresh_token", "client_credentials"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            ],
            headers: headers
        )
    }

    /// Public, the same for everyone, and of use to scripts of any origin.
    private var headers: HTTPFields {
        [.cacheControl: "public, max-age=\(cacheTime.wholeSeconds)", .accessControlAllowOrigin: "*"]
    }
}
