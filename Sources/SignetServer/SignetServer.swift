public import Hummingbird
public import Logging
package import NIOPosix
public import ServiceLifecycle
package import SignetSQLite
package import SignetSessions
import SignetTokens

/// The token server: builds the store, the keys and every use case, and adds its routes to a router, its own or another application's.
///
///     let signet = try await SignetServer(configuration)
///     signet.addRoutes(to: router)
///     app.addServices(signet)
public struct SignetServer: Service {
    /// The server's name in every token.
    public let issuer: String

    package let store: SQLiteStore
    private let endpoints: Endpoints
    private let tail: RevocationTail
    private let keyWatch: KeyWatch
    private let keyRotation: KeyRotation
    private let cleanUp: CleanUp
    package let passwords: PasswordHasher
    package let threads: NIOThreadPool

    /// Opens the database, and founds the server in it if it is new.
    ///
    /// - Throws: a problem whose description is a sentence for the operator (the database's, the key file's, ``IssuerProblem``), or a fault.
    public init(_ configuration: ServerConfiguration, logger: Logger = Logger(label: "signet")) async throws {
        let clock = configuration.clock
        let defaults = configuration.policyDefaults
        if let objection = configuration.objection { throw SettingsProblem(objection) }
        let store = try SQLiteStore(path: configuration.database, create: true, clock: clock)
        let keyFile = MasterKeyFile(path: configuration.keyFile)
        let found = FoundServer(store: store, keyFile: keyFile, clock: clock, randomBytes: configuration.randomBytes)
        let known = try await store.foundation()?.issuer
        guard let wanted = configuration.issuer ?? known ?? configuration.fallbackIssuer else { throw IssuerProblem.missing }
        guard IssuerURL(wanted) != nil else { throw IssuerProblem.malformed }
        var (foundation, masterKeys) = try await found(issuer: wanted)
        if foundation.issuer != wanted {
            logger.warning(
                "The issuer changes; tokens of the old one are good nowhere any more", metadata: ["issuer": "\(wanted)"])
            try await store.setIssuer(wanted)
            foundation = try await store.foundation() ?? foundation
        }
        let ring: KeyRing
        do {
            ring = try KeyRing(foundation, masterKeys: masterKeys, keyFile: keyFile, store: store, clock: clock)
        } catch MasterKeyFileProblem.otherKey {
            // The master key may have been replaced between the reading of the database and that of its file.
            (foundation, masterKeys) = try await found(issuer: wanted)
            ring = try KeyRing(foundation, masterKeys: masterKeys, keyFile: keyFile, store: store, clock: clock)
        }

        threads = NIOThreadPool(numberOfThreads: configuration.passwordThreads)
        threads.start()
        passwords = try PasswordHasher(
            pool: threads,
            cost: PasswordCost(
                memory: UInt32(clamping: configuration.passwordMemory), passes: UInt32(clamping: configuration.passwordPasses),
                parallelism: 1
            ),
            maximumWaiting: configuration.passwordQueue, randomBytes: configuration.randomBytes
        )
        let facts = RequestFacts(
            proxies: TrustedProxies(ranges: configuration.trustedProxies), patience: configuration.requestPatience)
        let issue = IssueAccessToken(defaults: defaults, randomBytes: configuration.randomBytes)
        let bearer = AuthenticateBearer(store: store, keys: ring, defaults: defaults, clock: clock)
        let caller = AuthenticateCaller(bearer)
        let signIn = SignIn(
            store: store, passwords: passwords, keys: ring, issue: issue, defaults: defaults,
            keeping: configuration.originKeeping,
            clock: clock, randomBytes: configuration.randomBytes
        )
        let renew = RenewSession(
            store: store, keys: ring, issue: issue, defaults: defaults, keeping: configuration.originKeeping,
            randomBytes: configuration.randomBytes)
        let authenticate = AuthenticateClient(store: store, clock: clock)
        let changeKeys = ChangeKeys(store: store, keyFile: keyFile, clock: clock, randomBytes: configuration.randomBytes)
        keyWatch = KeyWatch(
            store: store, ring: ring, server: ServerID.random(systemRandomBytes), cacheTime: configuration.keyCacheTime,
            clock: configuration.housekeeping,
            logger: logger)
        keyRotation = KeyRotation(
            signingKey: RotateSigningKey(changeKeys, cacheTime: configuration.keyCacheTime),
            refreshKey: RotateRefreshKey(changeKeys), age: configuration.keyRotationAge, clock: configuration.housekeeping,
            logger: logger)
        tail = RevocationTail(store: store, clock: configuration.pulse, logger: logger)
        cleanUp = CleanUp(
            forget: ForgetExpired(
                store: store, defaults: defaults, deadFor: configuration.deadSessionRetention,
                clock: configuration.housekeeping),
            clock: configuration.housekeeping, logger: logger
        )
        let events = SignedEvents(keys: ring, clock: clock)
        endpoints = Endpoints(
            signIn: SignInEndpoint(signIn: signIn, authenticate: authenticate, facts: facts, issuer: foundation.issuer),
            token: TokenEndpoint(
                refreshToken: RefreshTokenGrant(renew: renew, authenticate: authenticate, facts: facts),
                clientCredentials: ClientCredentialsGrant(
                    authenticate: authenticate, facts: facts,
                    issue: IssueClientToken(keys: ring, defaults: defaults, clock: clock, randomBytes: configuration.randomBytes)
                )
            ),
            account: AccountEndpoint(caller: caller),
            verify: VerifyEndpoint(bearer: bearer),
            introspect: IntrospectEndpoint(
                authenticate: authenticate, facts: facts,
                introspect: Introspect(store: store, keys: ring, defaults: defaults, clock: clock)
            ),
            revoke: RevokeEndpoint(revoke: RevokeToken(store: store, keys: ring), authenticate: authenticate, facts: facts),
            feed: RevocationFeed(
                store: store, events: events, pages: FeedPages(store: store, events: events),
                readers: FeedReaders(
                    isPublic: configuration.isRevocationFeedPublic, authenticate: authenticate, bearer: bearer, facts: facts),
                tail: tail, clock: clock, pulse: configuration.pulse
            ),
            deleteSessions: DeleteSessionsEndpoint(caller: caller, store: store, facts: facts),
            sessions: SessionsEndpoint(caller: caller, store: store, defaults: defaults, facts: facts),
            discovery: DiscoveryEndpoints(issuer: foundation.issuer, ring: ring, cacheTime: configuration.keyCacheTime),
            health: HealthEndpoints(store: store),
            issuerPath: IssuerURL(foundation.issuer)?.path ?? ""
        )
        issuer = foundation.issuer
        self.store = store
    }

    /// Adds every route, with Signet's own answers to errors.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let group = router.group()
        group.add(middleware: ErrorAnswer<Context>())
        group.add(middleware: HeaderLimits<Context>())
        endpoints.add(to: group)
    }

    /// Watches the revocation log and the keys and cleans up until the application shuts down, then lets the password threads go and
    /// closes the database.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in [tail, keyWatch, keyRotation, cleanUp] as [any Service] { group.addTask { try await service.run() } }
            try await group.waitForAll()
        }
        try await threads.shutdownGracefully()
        // Every answer that has left is durable already; a file that cannot be closed is put right when it is opened again.
        try? await store.close()
    }
}

/// What is wrong with the server's name.
package enum IssuerProblem: Error, Equatable, CustomStringConvertible {
    /// Nobody has said yet what the server is called.
    case missing
    /// What was said cannot be an issuer.
    case malformed

    package var description: String {
        switch self {
        case .missing: "Name the server with --issuer, such as https://id.example.com; it becomes the issuer of every token."
        case .malformed: IssuerURL.demand
        }
    }
}
