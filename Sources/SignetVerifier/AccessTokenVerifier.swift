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
/// It fetches the issuer's keys when they are first needed. Run as a service it also keeps them fresh, so that no request waits for them.
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
    private let verified: VerifiedTokens
    private let metrics: VerifierMetrics
    private let clock: any WallClock

    /// A verifier that fetches the issuer's keys and keeps them.
    ///
    /// - Parameters:
    ///   - issuer: the server's issuer, byte for byte as in its tokens; `https`, or `http` on this machine.
    ///   - audience: the API's identifier, which a token must name.
    ///   - otherAudiences: further identifiers under which the API is known.
    ///   - credential: for the revocation feed; keys are fetched without one.
    ///   - jwksURL: where the keys are; without it the issuer's metadata says so (RFC 8414).
    ///   - leeway: how far the clocks of server and API may be apart; at most 300 s.
    ///   - coolDown: how long the server is not asked again after a token named a key that it does not have.
    ///   - rememberedTokens: how many verified tokens are remembered, so that their next use costs no signature.
    public init(
        issuer: String, audience: String, otherAudiences: [String] = [], credential: ResourceServerCredential? = nil,
        jwksURL: String? = nil, leeway: Duration = .seconds(30), coolDown: Duration = .seconds(30),
        rememberedTokens: Int = 10_000,
        transport: any Transport = HTTPClientTransport(), clock: any WallClock = SystemWallClock(),
        metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger = Logger(label: "signet.verifier")
    ) {
        let counters = VerifierMetrics(metrics)
        let fetch = FetchKeySet(issuer: issuer, jwksURL: jwksURL, transport: transport)
        let cache = KeySetCache(fetch: fetch, coolDown: coolDown, clock: clock, metrics: counters, logger: logger)
        self.init(
            rules: AccessTokenRules(issuer: issuer, audiences: [audience] + otherAudiences, leeway: leeway),
            credential: credential, keys: .fetched(cache, fetch), rememberedTokens: rememberedTokens, metrics: counters,
            clock: clock)
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
        self.init(
            rules: AccessTokenRules(issuer: issuer, audiences: [audience] + otherAudiences, leeway: leeway),
            credential: nil, keys: .fixed(held), rememberedTokens: rememberedTokens, metrics: VerifierMetrics(metrics),
            clock: clock)
    }

    private init(
        rules: AccessTokenRules, credential: ResourceServerCredential?, keys: Keys, rememberedTokens: Int,
        metrics: VerifierMetrics, clock: any WallClock
    ) {
        self.rules = rules
        self.credential = credential
        self.keys = keys
        self.metrics = metrics
        self.clock = clock
        verified = VerifiedTokens(capacity: rememberedTokens, leeway: rules.leeway)
    }

    /// Says who calls.
    /// - Throws: ``TokenError`` when the token is not good for this API, ``KeysUnavailable`` when no key could ever be had.
    public func verify(_ token: Secret<String>) async throws -> VerifiedAccessToken {
        do {
            return try await verified(token)
        } catch let error as TokenError {
            metrics.count(error)
            throw error
        } catch let error as KeysUnavailable {
            metrics.count(.unavailable)
            throw error
        }
    }

    /// Keeps the keys fresh until the service is shut down.
    /// - Throws: ``InsecureIssuer`` when the issuer or the JWKS URL is not one from which keys may be fetched.
    public func run() async throws {
        switch keys {
        case .fixed:
            try? await gracefulShutdown()
        case .fetched(let cache, let fetch):
            // Better no API than one that will answer 503 for ever.
            try fetch.checkSettings()
            await cancelWhenGracefulShutdown { await cache.keepFresh() }
        }
    }

    private func verified(_ token: Secret<String>) async throws -> VerifiedAccessToken {
        let hash = token.reveal { VerifiedTokens.Hash(of: $0.utf8) }
        let held = try await heldKeys()
        if let known = verified.token(hash, at: clock.now, with: held) {
            metrics.count(.remembered)
            return known
        }

        do {
            return try verify(token, hash, with: held)
        } catch .unknownKey {
            // The server may have a new key since we asked.
            guard case .fetched(let cache, _) = keys, let newer = await cache.keys(after: held) else {
                throw TokenError.unknownKey
            }
            return try verify(token, hash, with: newer)
        }
    }

    private func verify(
        _ token: Secret<String>, _ hash: VerifiedTokens.Hash, with held: HeldKeys
    ) throws(TokenError) -> VerifiedAccessToken {
        let now = clock.now
        let good = try rules.verify(token, with: held.keySet, now: now)
        verified.remember(good, hash, at: now, with: held)
        metrics.count(.verified)
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
