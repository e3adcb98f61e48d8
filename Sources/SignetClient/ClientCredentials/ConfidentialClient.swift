public import Foundation
public import SignetTokens

/// A program that calls APIs as itself, such as a server that calls another: one access token for all of its callers, got with the
/// client's secret (RFC 6749, section 4.4) and replaced shortly before its end, by one request at a time.
///
///     let client = ConfidentialClient(server: id, clientID: clientID, clientSecret: secret, origins: [api])
///     let (data, response) = try await client.data(from: api.appending(path: "notes"))
///
/// Nothing is stored: whoever has the secret gets a token whenever one is needed. Make one client for each set of scopes and
/// resources, and keep it for as long as the program runs.
public final class ConfidentialClient: AuthorizedClient {
    /// How it makes its calls.
    public let calls: AuthorizedCalls
    let own: OwnAccessToken

    /// A client of one server whose secret may change while the program runs; nothing is read or sent yet.
    ///
    /// - Parameters:
    ///   - server: the server's URL: https, or this machine itself.
    ///   - clientID: what `signet client add --confidential` printed.
    ///   - scope: what the tokens are to be good for; `nil` is the client's default.
    ///   - resources: the APIs that the tokens are for (RFC 8707); none is the first that the client is registered for.
    ///   - origins: where the tokens may go, beside the server itself; only scheme, host and port count.
    ///   - transport: the way to the network.
    ///   - monotonicClock: by what lifetimes and pauses are counted.
    ///   - clientSecret: reads the secret, whenever a token is got: from the file that a rotation changes, say. What it throws
    ///     reaches the caller.
    public init(
        server: URL, clientID: ClientID, scope: Scope? = nil, resources: [String] = [], origins: [URL] = [],
        transport: any Transport = URLSessionTransport(), monotonicClock: some Clock<Duration> = ContinuousClock(),
        clientSecret: @escaping @Sendable () async throws -> Secret<String>
    ) {
        let clocks = ClientClocks(wall: SystemWallClock(), monotonic: monotonicClock)
        let grant = ClientCredentialsGrant(
            server: ServerAddress(server), clientID: clientID, clientSecret: clientSecret, scope: scope, resources: resources,
            transport: transport, clocks: clocks)
        let own = OwnAccessToken(grant: grant, clocks: clocks)
        self.own = own
        calls = AuthorizedCalls(
            transport: transport, origins: Set((origins + [server]).compactMap(Origin.init))
        ) { rejected, limit in
            AuthorizedCalls.Credential(accessToken: try await own.token(rejecting: rejected?.accessToken, within: limit))
        }
    }

    /// A client of one server whose secret stays the same while the program runs; see the other initializer.
    public convenience init(
        server: URL, clientID: ClientID, clientSecret: Secret<String>, scope: Scope? = nil, resources: [String] = [],
        origins: [URL] = [], transport: any Transport = URLSessionTransport(),
        monotonicClock: some Clock<Duration> = ContinuousClock()
    ) {
        self.init(
            server: server, clientID: clientID, scope: scope, resources: resources, origins: origins, transport: transport,
            monotonicClock: monotonicClock, clientSecret: { clientSecret })
    }

    /// An access token that can be used now, got first when it has to be; for a caller that sends it by other means.
    /// - Parameter limit: how long to wait for a new one.
    /// - Throws: ``SignetClientError``; `CancellationError`; what reading the secret throws.
    public func accessToken(within limit: Duration = .seconds(60)) async throws -> Secret<String> {
        try await own.token(within: limit)
    }
}
