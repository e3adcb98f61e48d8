public import Foundation
import HTTPTypes
public import SignetTokens

/// A device's side of Signet: keeps both tokens, sends the access token with each call, renews it by itself, and signs nobody out
/// who is still signed in.
///
///     let client = SignetClient(server: url, store: FileTokenStore(path))
///     try await client.signIn(username: name, password: password, device: "Ada's laptop")
///     let (data, response) = try await client.data(for: request)
///
/// Several clients, also in several processes, may share one store: they renew one at a time, and each finds what another has renewed.
public final class SignetClient: Sendable {
    let server: ServerAddress
    let clientID: ClientID
    let transport: any Transport
    let clocks: ClientClocks
    let renewal: Renewal
    let prover: Prover
    let origins: Set<Origin>

    /// A client of one server and one store; nothing is read or sent yet.
    ///
    /// - Parameters:
    ///   - server: the server's URL: https, or this machine itself.
    ///   - store: where the session is kept.
    ///   - clientID: the client's id at the server.
    ///   - origins: the APIs that the access token may go to, beside the server itself; only scheme, host and port count.
    ///   - transport: the way to the network.
    ///   - clock: the device's clock.
    ///   - monotonicClock: by what lifetimes and pauses are counted within this process.
    ///   - randomBytes: where idempotency keys come from.
    ///   - proofKeys: where the keys come from to which the tokens of each new sign-in are bound (RFC 9449); without it they are not
    ///     bound. A stored session stays what it is.
    public init(
        server: URL, store: any TokenStore, clientID: ClientID = .signet, origins: [URL] = [],
        transport: any Transport = URLSessionTransport(), clock: some WallClock = SystemWallClock(),
        monotonicClock: some Clock<Duration> = ContinuousClock(), randomBytes: @escaping RandomBytes = systemRandomBytes,
        proofKeys: (any ProofKeys)? = nil
    ) {
        let address = ServerAddress(server)
        self.server = address
        self.clientID = clientID
        self.transport = transport
        clocks = ClientClocks(wall: clock, monotonic: monotonicClock)
        self.origins = Set((origins + [server]).compactMap(Origin.init))
        prover = Prover(keys: proofKeys, randomBytes: randomBytes)
        renewal = Renewal(
            server: address, clientID: clientID, store: store, transport: transport, clocks: clocks, randomBytes: randomBytes,
            prover: prover)
    }

    /// How the session stands now, then what happens to it, for an app's interface; each call gives a stream of its own.
    ///
    ///     .task { for await state in client.states { isSignedIn = state == .signedIn } }
    ///
    /// It ends with the client. What another process does with the session is told when this client next looks into the store.
    public var states: AsyncStream<SessionState> {
        let watch = SessionWatch(renewal.states) { [weak renewal] in await renewal?.state() }
        return AsyncStream { await watch.next() }
    }
}
