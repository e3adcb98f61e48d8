package import SignetTokens

/// A device renews its access token with the refresh token: the heart of Signet.
package struct RenewSession: Sendable {
    private let store: any SessionStore
    private let keys: KeyRing
    private let issue: IssueAccessToken
    private let defaults: PolicyDefaults
    private let keeping: OriginKeeping
    private let randomBytes: RandomBytes

    package init(
        store: any SessionStore, keys: KeyRing, issue: IssueAccessToken, defaults: PolicyDefaults, keeping: OriginKeeping,
        randomBytes: @escaping RandomBytes
    ) {
        self.store = store
        self.keys = keys
        self.issue = issue
        self.defaults = defaults
        self.keeping = keeping
        self.randomBytes = randomBytes
    }

    /// Decides on the refresh token and answers with what follows from it.
    /// - Throws: ``RenewalRefusal``, ``DeadlinePassed``, or a fault, never a refusal in a fault's place: clients throw their tokens away for those.
    package func callAsFunction(_ request: RenewalRequest) async throws -> TokenPair {
        do {
            return try await renew(request)
        } catch is RefreshKeyRevoked {
            // Another process has just revoked the key under which the successor was made.
            try await keys.catchUp()
            return try await renew(request)
        }
    }

    private func renew(_ request: RenewalRequest) async throws -> TokenPair {
        // A forged token is thrown away before the database is touched.
        guard let token = RefreshToken(parsing: request.refreshToken) else { throw RenewalRefusal.malformed }
        let ring = try await keys.holding(refreshKey: token.keyVersion)
        guard ring.isGenuine(token) else { throw RenewalRefusal.malformed }

        let salt = ring.salt.salt(of: token.sessionID)
        let successor = token.successor(under: ring.refreshKey, salt: salt)
        let presented = PresentedToken(
            token, idempotencyKey: request.idempotencyKey, nonce: RequestNonce(randomBytes), clientID: request.clientID,
            clientAuthentication: request.clientAuthentication,
            namedUser: request.namedUser, accessToken: accessToken(request, ring), scope: request.scope,
            resources: request.resources
        )
        let outcome = try await store.rotate(
            Rotation(
                presented: presented, successor: successor.hash, keyVersion: successor.keyVersion, defaults: defaults,
                origin: request.origin, keptOrigin: keeping.kept(of: request.origin), deadline: request.deadline
            )
        )
        guard let standing = outcome.standing else { throw RenewalRefusal.ended(.unknown) }

        switch outcome.decision {
        case .rotate, .recover:
            return try pair(standing, successor, ring, request)
        case .repeatSuccessor:
            // Under the version that made it, so that a repeat survives a rotation of the keys.
            let ring = try await keys.holding(refreshKey: standing.session.row.keyVersion)
            guard let key = ring.refreshKeys[standing.session.row.keyVersion] else { throw RefreshKeyMissing() }
            return try pair(standing, token.successor(under: key, salt: salt), ring, request)
        case .keepToken:
            return try pair(standing, token, ring, request)
        case .tryAgain: throw RenewalRefusal.raced
        case .ahead: throw RenewalRefusal.ahead
        case .declined: throw RenewalRefusal.declined
        case .revoke: throw RenewalRefusal.reused
        case .refuse(let end):
            // The reason is for the session's own client alone.
            let isOwnClient = request.clientID == nil || request.clientID == standing.session.row.clientID
            throw isOwnClient ? RenewalRefusal.ended(end) : RenewalRefusal.mismatch(.client)
        case .mismatch(let mismatch): throw RenewalRefusal.mismatch(mismatch)
        case .staleIdempotencyKey: throw RenewalRefusal.staleIdempotencyKey
        }
    }

    private func pair(
        _ standing: SessionStanding, _ token: RefreshToken, _ ring: KeyRing.Snapshot, _ request: RenewalRequest
    ) throws -> TokenPair {
        try issue.pair(for: standing, refreshToken: token, ring: ring, scope: request.scope, resources: request.resources)
    }

    private func accessToken(_ request: RenewalRequest, _ ring: KeyRing.Snapshot) -> AccessTokenSentAlong {
        guard let text = request.accessToken else { return .none }
        do {
            let token = try AccessTokenRules(issuer: ring.issuer, audiences: []).verifyOrigin(text, with: ring.everKnown)
            return .genuine(subject: token.subject, sessionID: token.sessionID)
        } catch {
            return error == .unknownKey ? .underUnknownKey : .invalid
        }
    }
}

/// What a renewal brings.
package struct RenewalRequest: Sendable {
    package var refreshToken: Secret<String>
    package var idempotencyKey: IdempotencyKey?
    package var clientID: ClientID?
    package var clientAuthentication: ClientAuthenticationOutcome
    package var namedUser: UserSentAlong
    package var accessToken: Secret<String>?
    package var scope: Scope?
    package var resources: [String]
    package var origin: Origin
    package var deadline: RequestDeadline

    package init(
        refreshToken: Secret<String>, idempotencyKey: IdempotencyKey? = nil, clientID: ClientID? = nil,
        clientAuthentication: ClientAuthenticationOutcome = .none, namedUser: UserSentAlong = .none,
        accessToken: Secret<String>? = nil, scope: Scope? = nil, resources: [String] = [], origin: Origin,
        deadline: RequestDeadline
    ) {
        self.refreshToken = refreshToken
        self.idempotencyKey = idempotencyKey
        self.clientID = clientID
        self.clientAuthentication = clientAuthentication
        self.namedUser = namedUser
        self.accessToken = accessToken
        self.scope = scope
        self.resources = resources
        self.origin = origin
        self.deadline = deadline
    }
}

/// The row names a refresh key that this server does not have: a fault, for the token may well be good.
package struct RefreshKeyMissing: Error {}
