public import CoreMetrics
public import Logging
public import ServiceLifecycle
public import SignetTokens

/// Verifies access tokens (RFC 9068, section 4) inside an API, without a call to the server for each.
///
/// ```swift
/// let verifier = AccessTokenVerifier(issuer: "https://id.example.com", audience: "https://api.example.com")
/// let caller = try await verifier.verify(token).token
/// ```
///
/// It fetches the issuer's keys when they are first needed. Run as a service it also keeps them fresh, so that no request waits for them,
/// and, with a credential, follows the issuer's revocation feed, so that a revoked token is refused within a second.
public struct AccessTokenVerifier: Service {
    private enum Keys: Sendable {
        case fixed(HeldKeys)
        case fetched(KeySetCache, FetchKeySet)
    }

    /// What a token must be to be accepted.
    public let rules: AccessTokenRules
    /// What the API proves itself with to the server, for the revocation feed.
    public let credential: ResourceServerCredential?

    private let keys: Keys
    let revocations: FollowedRevocations?
    private let verified: VerifiedTokens
    private let metrics: VerifierMetrics
    private let clock: any WallClock

    /// A verifier that fetches the issuer's keys and keeps them.
    ///
    /// - Parameters:
    ///   - issuer: the server's issuer, byte for byte as in its tokens; `https`, or `http` on this machine.
    ///   - audience: the API's identifier, which a token must name.
    ///   - otherAudiences: further identifiers under which the API is known.
    ///   - credential: for the revocation feed, which is followed when there is one; keys are fetched without.
    ///   - followsPublicFeed: whether to follow the feed without a credential, where the server gives it to everyone.
    ///   - whenSilent: what happens while revocations may be unknown.
    ///   - rememberedRevocations: how many are held at most, some 150 bytes each. Beyond that every token issued up to the latest one
    ///     is refused until it is renewed.
    ///   - jwksURL: where the keys are; without it the issuer's metadata says so (RFC 8414).
    ///   - leeway: how far the clocks of server and API may be apart; at most 300 s.
    ///   - coolDown: how long the server is not asked again after a token named a key that it does not have.
    ///   - rememberedTokens: how many verified tokens are remembered, so that their next use costs no signature.
    ///   - transport: how keys are fetched, and tokens introspected.
    ///   - streams: how the feed is read.
    ///   - randomBytes: what keeps a thousand APIs from coming back to the feed in the same instant.
    public init(
        issuer: String, audience: String, otherAudiences: [String] = [], credential: ResourceServerCredential? = nil,
        followsPublicFeed: Bool = false, whenSilent: SilencePolicy = .open, rememberedRevocations: Int = 250_000,
        jwksURL: String? = nil, leeway: Duration = .seconds(30), coolDown: Duration = .seconds(30),
        rememberedTokens: Int = 10_000,
        transport: any Transport = HTTPClientTransport(), streams: any StreamingTransport = HTTPClientTransport(),
        clock: any WallClock = SystemWallClock(), randomBytes: @escaping RandomBytes = systemRandomBytes,
        metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger = Logger(label: "signet.verifier")
    ) {
        let counters = VerifierMetrics(metrics)
        let fetch = FetchKeySet(issuer: issuer, jwksURL: jwksURL, transport: transport)
        let cache = KeySetCache(fetch: fetch, coolDown: coolDown, clock: clock, metrics: counters, logger: logger)
        let rules = AccessTokenRules(issuer: issuer, audiences: [audience] + otherAudiences, leeway: leeway)
        let verified = VerifiedTokens(capacity: rememberedTokens, leeway: rules.leeway)
        var revocations: FollowedRevocations?
        if credential != nil || followsPublicFeed, let url = KeyURL(issuer)?.appending("/v1/revocations") {
            let live = LiveRevocations(limit: rememberedRevocations)
            let watch = FeedWatch()
            let feed = RevocationFeed(
                issuer: issuer, url: url, credential: credential, streams: streams, keys: cache, live: live, watch: watch,
                verified: verified, clock: clock, randomBytes: randomBytes, metrics: FeedMetrics(metrics), logger: logger)
            revocations = FollowedRevocations(
                feed: feed, live: live, watch: watch, policy: whenSilent,
                introspect: IntrospectToken(issuer: issuer, credential: credential, transport: transport), clock: clock)
        }
        self.init(
            rules: rules, credential: credential, keys: .fetched(cache, fetch), revocations: revocations, verified: verified,
            metrics: counters, clock: clock)
    }

    /// A verifier with keys that never change, for tests and for use without a network.
    ///
    /// - Parameters:
    ///   - issuer: the server's issuer, byte for byte as in its tokens.
    ///   - audience: the API's identifier, which a token must name.
    ///   - otherAudiences: further identifiers under which the API is known.
    ///   - keySet: the issuer's keys.
    ///   - leeway: how far the clocks of server and API may be apart; at most 300 s.
    ///   - rememberedTokens: how many verified tokens are remembered, so that their next use costs no signature.
    public init(
        issuer: String, audience: String, otherAudiences: [String] = [], keySet: KeySet, leeway: Duration = .seconds(30),
        rememberedTokens: Int = 10_000, clock: any WallClock = SystemWallClock(),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        let held = HeldKeys(keySet, generation: 1, fetchedAt: clock.now, lifetime: .zero)
        let rules = AccessTokenRules(issuer: issuer, audiences: [audience] + otherAudiences, leeway: leeway)
        self.init(
            rules: rules, credential: nil, keys: .fixed(held), revocations: nil,
            verified: VerifiedTokens(capacity: rememberedTokens, leeway: rules.leeway), metrics: VerifierMetrics(metrics),
            clock: clock)
    }

    private init(
        rules: AccessTokenRules, credential: ResourceServerCredential?, keys: Keys, revocations: FollowedRevocations?,
        verified: VerifiedTokens, metrics: VerifierMetrics, clock: any WallClock
    ) {
        self.rules = rules
        self.credential = credential
        self.keys = keys
        self.revocations = revocations
        self.verified = verified
        self.metrics = metrics
        self.clock = clock
    }

    /// What is known of the issuer's revocations right now.
    public var health: FeedHealth { revocations?.health ?? .notFollowed }

    /// Whether the API can begin to answer: the first snapshot of the revocations has come, or, unless the policy is
    /// ``SilencePolicy/closed``, 10 s have passed since the service started; at once where no feed is followed. Once true it stays
    /// so: later silences are told by ``health``, and must not take every API out of its load balancer.
    public var isReady: Bool { revocations?.isReady ?? true }

    /// Says who calls.
    /// - Throws: ``TokenError`` when the token is not good for this API, ``KeysUnavailable`` when no key could ever be had,
    ///   ``RevocationsUnknown`` when the revocation feed is silent and the ``SilencePolicy`` does not accept that.
    public func verify(_ token: Secret<String>) async throws -> VerifiedAccessToken {
        do {
            let (good, outcome) = try await genuine(token)
            // On each use, also of a remembered token: that is what makes a revocation arrive.
            try await revocations?.refuseRevoked(good, token)
            metrics.count(outcome)
            return good
        } catch let error as TokenError {
            metrics.count(error)
            throw error
        } catch let error as KeysUnavailable {
            metrics.count(.unavailable)
            throw error
        } catch let error as RevocationsUnknown {
            metrics.count(.unknown)
            throw error
        }
    }

    /// Keeps the keys fresh, and follows the revocation feed, until the service is shut down.
    /// - Throws: ``InsecureIssuer`` when the issuer or the JWKS URL is not one from which keys may be fetched.
    public func run() async throws {
        switch keys {
        case .fixed:
            try? await gracefulShutdown()
        case .fetched(let cache, let fetch):
            // Better no API than one that will answer 503 for ever.
            try fetch.checkSettings()
            await cancelWhenGracefulShutdown {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await cache.keepFresh() }
                    if let revocations { group.addTask { await revocations.feed.follow() } }
                }
            }
        }
    }

    private func genuine(
        _ token: Secret<String>
    ) async throws -> (VerifiedAccessToken, VerifierMetrics.Verification) {
        let hash = token.reveal { VerifiedTokens.Hash(of: $0.utf8) }
        let held = try await heldKeys()
        if let known = verified.token(hash, at: clock.now, with: held) {
            return (known, .remembered)
        }

        do {
            return (try verify(token, hash, with: held), .verified)
        } catch .unknownKey {
            // The server may have a new key since we asked.
            guard case .fetched(let cache, _) = keys, let newer = await cache.keys(after: held) else {
                throw TokenError.unknownKey
            }
            return (try verify(token, hash, with: newer), .verified)
        }
    }

    private func verify(
        _ token: Secret<String>, _ hash: VerifiedTokens.Hash, with held: HeldKeys
    ) throws(TokenError) -> VerifiedAccessToken {
        let now = clock.now
        let good = try rules.verify(token, with: held.keySet, now: now)
        verified.remember(good, hash, at: now, with: held)
        return good
    }

    private func heldKeys() async throws(KeysUnavailable) -> HeldKeys {
        switch keys {
        case .fixed(let held):
            return held
        case .fetched(let cache, _):
            if let fresh = cache.fresh { return fresh }
            return try await cache.keys()
        }
    }
}
