/// Every endpoint, built once by ``SignetServer`` and handed to the routes.
struct Endpoints: Sendable {
    let signIn: SignInEndpoint
    let token: TokenEndpoint
    let account: AccountEndpoint
    let verify: VerifyEndpoint
    let introspect: IntrospectEndpoint
    let revoke: RevokeEndpoint
    let feed: RevocationFeed
    let deleteSessions: DeleteSessionsEndpoint
    let sessions: SessionsEndpoint
    let discovery: DiscoveryEndpoints
    let health: HealthEndpoints
    /// The issuer's path, such as `/t1`; empty when it has none.
    let issuerPath: String
}
