package import SignetTokens

/// What a request says of the client that sends it.
package struct OfferedCredentials: Sendable {
    package var clientID: ClientID?
    package var secret: Secret<String>?
    /// Whether they stood in the `Authorization` header, which the challenge of a refusal depends on.
    package var isFromHeader: Bool

    package init(clientID: ClientID?, secret: Secret<String>?, isFromHeader: Bool) {
        self.clientID = clientID
        self.secret = secret
        self.isFromHeader = isFromHeader
    }
}

/// A client proves who it is with its secret (RFC 6749, section 2.3.1).
package struct AuthenticateClient: Sendable {
    private let store: any SessionStore
    private let clock: any WallClock
    private let failures = ClientFailures()

    package init(store: any SessionStore, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The confidential client that these credentials are of.
    /// - Throws: ``ClientAuthenticationFailed``; unknown client and wrong secret look alike. ``ClientAuthenticationThrottled``. Or a fault.
    package func callAsFunction(_ offered: OfferedCredentials, from origin: Origin) async throws -> Client {
        guard let client = try await authenticated(offered, from: origin) else {
            throw ClientAuthenticationFailed(isFromHeader: offered.isFromHeader)
        }
        return client
    }

    /// What became of the credentials that came with a token, whose client the token itself names.
    /// - Throws: ``ClientAuthenticationThrottled``, or a fault.
    package func outcome(of offered: OfferedCredentials, from origin: Origin) async throws -> ClientAuthenticationOutcome {
        guard offered.secret != nil else { return .none }
        return try await authenticated(offered, from: origin) == nil ? .failed : .passed
    }

    /// The client of credentials that were good before, looked at again; `nil` when they no longer are. Nobody guesses here, so whoever
    /// does elsewhere slows nothing down.
    /// - Throws: a fault.
    package func again(_ offered: OfferedCredentials) async throws -> Client? {
        guard let id = offered.clientID, let secret = offered.secret.map(ClientSecret.init) else { return nil }
        return try await client(id, with: secret)
    }

    private func authenticated(_ offered: OfferedCredentials, from origin: Origin) async throws -> Client? {
        guard let id = offered.clientID, let secret = offered.secret.map(ClientSecret.init) else { return nil }
        let address = origin.address.flatMap(NetworkAddress.init)?.subscriber
        let wait = failures.wait(for: id, at: address, now: clock.now)
        guard wait == .zero else { throw ClientAuthenticationThrottled(wait: wait) }
        guard let client = try await client(id, with: secret) else {
            failures.fail(id, at: address, now: clock.now)
            return nil
        }
        return client
    }

    private func client(_ id: ClientID, with secret: ClientSecret) async throws -> Client? {
        // Always hashed and compared, so that an unknown client takes as long as a wrong secret.
        let hash = secret.hash
        let known = try await store.secretHashes(of: id)
        let isRight = (known.isEmpty ? [Self.nobodys] : known).reduce(false) { $1 == hash || $0 }
        return isRight ? try await store.client(id) : nil
    }

    /// The hash of a secret that was thrown away.
    private static let nobodys = ClientSecret.random(systemRandomBytes).hash
}

/// The client is unknown, has no secret, or sent none or a wrong one.
package struct ClientAuthenticationFailed: Refusal {
    /// Whether it tried the `Authorization` header (RFC 6749, section 5.2, wants a challenge then).
    package let isFromHeader: Bool

    package init(isFromHeader: Bool) {
        self.isFromHeader = isFromHeader
    }

    /// One sentence at every door.
    static let sentence = "The client could not be authenticated; check its client_id and client_secret."
    static let reason = "client_authentication"

    package var code: RefusalCode { .invalidClient }
    package var sentence: String { Self.sentence }
    package var reason: String { Self.reason }
    package var tellsReason: Bool { false }
}
