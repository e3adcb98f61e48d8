import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// Who may read the revocation feed: registered resource servers, and bearers of the scope `revocations:read`, unless it is public.
struct FeedReaders: Sendable {
    let isPublic: Bool
    let authenticate: AuthenticateClient
    let facts: RequestFacts
    let keys: KeyRing
    let store: any SessionStore
    let defaults: PolicyDefaults
    let clock: any WallClock

    /// - Throws: ``CallerRefusal``, ``ClientAuthenticationFailed``, ``ClientAuthenticationThrottled``, or a fault.
    func check(_ request: Request, _ context: some RequestContext) async throws {
        guard !isPublic else { return }
        if let header = request.headers[.authorization], header.lowercased().hasPrefix("basic ") {
            guard let (id, secret) = ClientCredentials.basic(header) else { throw ClientAuthenticationFailed(isFromHeader: true) }
            let client = try await authenticate(
                OfferedCredentials(clientID: id, secret: secret, isFromHeader: true), from: facts.origin(of: request, context))
            guard client.isResourceServer else { throw ClientAuthenticationFailed(isFromHeader: true) }
            return
        }
        let text = try BearerToken.read(from: request)
        let ring = await keys.current()
        let token: AccessToken
        do {
            token = try AccessTokenRules(issuer: ring.issuer, audiences: [ring.issuer], leeway: AuthenticateCaller.leeway)
                .verify(text, with: ring.published, now: clock.now).token
        } catch {
            throw CallerRefusal.token(error)
        }
        guard try await !store.isTokenRevoked(token.tokenID), let client = ClientID(token.clientID),
            try await store.client(client) != nil, try await isLive(token)
        else { throw CallerRefusal.sessionEnded }
        guard token.scope.contains(IssueClientToken.feedScope) else { throw CallerRefusal.insufficientScope("revocations:read") }
    }

    /// A client's own token has no session that could have ended.
    private func isLive(_ token: AccessToken) async throws -> Bool {
        guard let session = token.sessionID else { return true }
        guard let user = token.userID else { return false }
        let standing = try await store.standing(of: session, user: user, defaults: defaults)
        return standing != nil && standing?.ending == nil
    }
}
