package import SignetTokens

/// A person signs in with name and password; a session is opened, one per device.
package struct SignIn: Sendable {
    private let store: any SessionStore
    private let passwords: PasswordHasher
    private let keys: KeyRing
    private let issue: IssueAccessToken
    private let defaults: PolicyDefaults
    private let keeping: OriginKeeping
    private let clock: any WallClock
    private let randomBytes: RandomBytes

    package init(
        store: any SessionStore, passwords: PasswordHasher, keys: KeyRing, issue: IssueAccessToken, defaults: PolicyDefaults,
        keeping: OriginKeeping, clock: any WallClock, randomBytes: @escaping RandomBytes
    ) {
        self.store = store
        self.passwords = passwords
        self.keys = keys
        self.issue = issue
        self.defaults = defaults
        self.keeping = keeping
        self.clock = clock
        self.randomBytes = randomBytes
    }

    /// Checks the password, opens a session, and answers with its first two tokens.
    /// - Throws: ``SignInRefusal``, ``HashingOverloaded``, ``DeadlinePassed``, or a fault.
    package func callAsFunction(_ request: SignInRequest) async throws -> TokenPair {
        do {
            return try await open(request)
        } catch SignInRefusal.passwordHashChanged {
            // Another device's sign-in may just have strengthened the hash of the same password: look once more.
            return try await open(request)
        } catch is RefreshKeyRevoked {
            try await keys.catchUp()
            return try await open(request)
        }
    }

    private func open(_ request: SignInRequest) async throws -> TokenPair {
        var known: Credentials?
        if let name = request.username { known = try await store.credentials(of: name) }
        // An unknown name and a disabled user take as long as a wrong password.
        guard let password = request.password, try await passwords.verify(password, against: known?.passwordHash), let known,
            !known.isDisabled
        else { throw SignInRefusal.wrongCredentials }

        let replaced = try await replaced(by: request, user: known.userID)
        let ring = await keys.current()
        let session = SessionID.timeOrdered(at: clock.now, randomBytes)
        let token = RefreshToken(first: known.userID, session: session, key: ring.refreshKey, randomBytes)
        let standing = try await store.openSession(
            SessionOpening(
                sessionID: session, userID: known.userID, verifiedHash: known.passwordHash, clientID: request.clientID ?? .signet,
                isClientAuthenticated: request.isClientAuthenticated,
                scope: request.scope, resource: request.resource, deviceName: request.deviceName, authenticationMethods: ["pwd"],
                firstToken: token.hash, keyVersion: token.keyVersion, replaces: replaced,
                issuer: ring.issuer, defaults: defaults, origin: request.origin, keptOrigin: keeping.kept(of: request.origin),
                deadline: request.deadline
            )
        )
        if passwords.isOutdated(known.passwordHash) { await strengthen(known, password) }
        return try issue.pair(for: standing, refreshToken: token, ring: ring)
    }

    /// Silently: whether it succeeds is nothing to the person who has just signed in, and the next sign-in tries again.
    private func strengthen(_ known: Credentials, _ password: Password) async {
        guard let hash = try? await passwords.hash(password) else { return }
        try? await store.strengthenPasswordHash(of: known.userID, from: known.passwordHash, to: hash)
    }

    /// The session that the device still had, if the token that it kept is genuine and the same person's.
    private func replaced(by request: SignInRequest, user: UserID) async throws -> SessionID? {
        guard let token = request.refreshToken.flatMap(RefreshToken.init(parsing:)), token.userID == user,
            try await keys.holding(refreshKey: token.keyVersion).isGenuine(token)
        else { return nil }
        return token.sessionID
    }
}

/// What a sign-in brings.
package struct SignInRequest: Sendable {
    /// `nil` when what was sent cannot be anybody's name.
    package var username: Username?
    /// `nil` when what was sent cannot be anybody's password.
    package var password: Password?
    package var clientID: ClientID?
    /// Whether that client has proved who it is.
    package var isClientAuthenticated: Bool
    package var deviceName: DeviceName?
    package var scope: Scope?
    package var resource: String?
    package var refreshToken: Secret<String>?
    package var origin: Origin
    package var deadline: RequestDeadline

    package init(
        username: Username?, password: Password?, clientID: ClientID? = nil, isClientAuthenticated: Bool = false,
        deviceName: DeviceName? = nil, scope: Scope? = nil,
        resource: String? = nil, refreshToken: Secret<String>? = nil, origin: Origin, deadline: RequestDeadline
    ) {
        self.username = username
        self.password = password
        self.clientID = clientID
        self.isClientAuthenticated = isClientAuthenticated
        self.deviceName = deviceName
        self.scope = scope
        self.resource = resource
        self.refreshToken = refreshToken
        self.origin = origin
        self.deadline = deadline
    }
}
