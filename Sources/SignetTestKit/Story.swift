package import NIOPosix
package import SignetSessions
package import SignetTokens

/// A founded server's use cases over one store, with passwords that cost next to nothing: sign in, call, renew, revoke.
package struct Story: Sendable {
    /// The password of everyone whom ``user(_:roles:password:)`` adds without saying another.
    package static let password = TestPassword.of("everyone")
    /// The least that Argon2 takes.
    package static let cost = PasswordCost(memory: 8, passes: 1, parallelism: 1)

    package let store: WatchedStore
    package let clock: ManualClock
    package let keyFile: MasterKeyFile
    package let foundation: ServerFoundation
    package let masterKeys: [MasterKey]
    package let passwords: PasswordHasher
    package let defaults: PolicyDefaults
    package let ring: KeyRing

    /// Founds a server in an empty store, its master key in `folder`.
    package init(
        store: any SessionStore, clock: ManualClock, folder: TemporaryFolder, issuer: String = StoreTrial.issuer,
        defaults: PolicyDefaults = PolicyDefaults(), pool: NIOThreadPool = .singleton, maximumWaiting: Int = 100
    ) async throws {
        self.store = WatchedStore(store)
        self.clock = clock
        self.defaults = defaults
        keyFile = MasterKeyFile(path: folder.file("signet.key"))
        (foundation, masterKeys) = try await FoundServer(
            store: store, keyFile: keyFile, clock: clock, randomBytes: systemRandomBytes)(issuer: issuer)
        passwords = try PasswordHasher(
            pool: pool, cost: Self.cost, maximumWaiting: maximumWaiting, randomBytes: systemRandomBytes)
        ring = try KeyRing(foundation, masterKeys: masterKeys, keyFile: keyFile, store: self.store, clock: clock)
    }

    package var issue: IssueAccessToken { IssueAccessToken(defaults: defaults, randomBytes: systemRandomBytes) }

    package var signIn: SignIn {
        SignIn(
            store: store, passwords: passwords, keys: ring, issue: issue, defaults: defaults, keeping: .network, clock: clock,
            randomBytes: systemRandomBytes)
    }

    package var renew: RenewSession { renew(with: ring) }

    /// The same renewal with other keys in memory, as another process of the same server has.
    package func renew(with ring: KeyRing) -> RenewSession {
        RenewSession(
            store: store, keys: ring, issue: issue, defaults: defaults, keeping: .network, randomBytes: systemRandomBytes)
    }

    package var revoke: RevokeToken { RevokeToken(store: store, keys: ring) }

    package var authenticate: AuthenticateCaller { AuthenticateCaller(authenticateBearer) }

    package var authenticateBearer: AuthenticateBearer {
        AuthenticateBearer(store: store, keys: ring, defaults: defaults, clock: clock)
    }

    /// Adds a user.
    @discardableResult
    package func user(_ name: String = "Ada", roles: [String] = [], password: String = password) async throws -> User {
        guard let password = Password(offered: Secret(password)) else { throw BadFixture() }
        return try await store.addUser(
            .random(systemRandomBytes), name: .fixture(name), email: nil, password: passwords.hash(password), roles: roles)
    }

    /// Signs a user in.
    package func signIn(
        _ name: String = "Ada", password: String = password, client: ClientID? = nil, scope: Scope? = nil,
        resource: String? = nil, bringing refreshToken: Secret<String>? = nil
    ) async throws -> TokenPair {
        try await signIn(
            SignInRequest(
                username: Username(name), password: Password(offered: Secret(password)), clientID: client,
                deviceName: DeviceName("Laptop"), scope: scope, resource: resource, refreshToken: refreshToken, origin: .fixture,
                deadline: .none
            )
        )
    }

    /// Renews with everything that may be sent along.
    package func renew(
        _ refreshToken: Secret<String>?, keyed idempotencyKey: IdempotencyKey? = nil, client: ClientID? = nil,
        user: UserID? = nil, accessToken: Secret<String>? = nil, scope: Scope? = nil, resources: [String] = []
    ) async throws -> TokenPair {
        guard let refreshToken else { throw BadFixture() }
        return try await renew(
            RenewalRequest(
                refreshToken: refreshToken, idempotencyKey: idempotencyKey, clientID: client,
                namedUser: user.map(UserSentAlong.named) ?? .none, accessToken: accessToken, scope: scope, resources: resources,
                origin: .fixture, deadline: .none
            )
        )
    }

    /// An access token's claims, its signature and origin verified.
    package func claims(_ accessToken: Secret<String>) async throws -> AccessToken {
        let keys = await ring.current()
        return try AccessTokenRules(issuer: keys.issuer, audiences: []).verifyOrigin(accessToken, with: keys.everKnown)
    }

    /// Why a session has ended, if it has.
    package func ending(of pair: TokenPair) async throws -> SessionEnd? {
        try await store.standing(of: pair.sessionID, user: pair.userID, defaults: defaults)?.ending
    }

    /// A ring whose second refresh key has become the active one.
    package func ringAfterKeyRotation() throws -> KeyRing {
        try KeyRing(foundationAfterKeyRotation, masterKeys: masterKeys, keyFile: keyFile, store: store, clock: clock)
    }

    /// What the database says after the second refresh key has become the active one.
    package var foundationAfterKeyRotation: ServerFoundation {
        let rotated = foundation.refreshKeys.map { key -> SealedRefreshKey in
            var key = key
            if key.version == 2 { key.activatesAt = clock.now }
            return key
        }
        return ServerFoundation(
            issuer: foundation.issuer, salt: foundation.salt, signingKeys: foundation.signingKeys, refreshKeys: rotated)
    }
}

extension Secret where Value == String {
    /// The text, for a test to compare.
    package var plain: String { reveal { String($0) } }
}
