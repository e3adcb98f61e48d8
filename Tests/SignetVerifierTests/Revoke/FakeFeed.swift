import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetVerifier

/// The server's half of the revocation feed as API.md tells it: a log, a snapshot and its end mark, what follows, and every kind of
/// trouble on the way. What is sent waits in each connection until it is delivered.
final class FakeFeed: StreamingTransport {
    /// The connection broke.
    struct Broken: Error {}

    private struct Connection {
        let body: FakeConnection
        var pending: [UInt8]
    }

    private struct State {
        var epoch = 1
        var log: [(number: Int64, revocation: Revocation)] = []
        var next: Int64 = 1
        /// The last number that was removed from the log. A reader that has not seen it may get a snapshot, and may as well go on, for
        /// what was removed no longer matters.
        var prunedUntil: Int64 = 0
        var key: SigningKey
        var status: HTTPResponse.Status? = .ok
        var contentType = "text/event-stream"
        var isSlow = false
        var generator: SplitMix64
        var connections: [Int: Connection] = [:]
        var requests: [HTTPRequest] = []
    }

    let issuer: String
    private let clock: ManualClock
    private let state: Mutex<State>

    init(_ issuer: TestIssuer, _ clock: ManualClock, seed: UInt64 = 1) {
        self.issuer = issuer.name
        self.clock = clock
        state = Mutex(State(key: issuer.key, generator: SplitMix64(seed: seed)))
    }

    /// The answer's status; `nil` when nobody answers.
    var status: HTTPResponse.Status? {
        get { state.withLock(\.status) }
        set { state.withLock { $0.status = newValue } }
    }

    var contentType: String {
        get { state.withLock(\.contentType) }
        set { state.withLock { $0.contentType = newValue } }
    }

    /// The key that signs now.
    var key: SigningKey {
        get { state.withLock(\.key) }
        set { state.withLock { $0.key = newValue } }
    }

    /// Whether what is sent waits for ``deliver(_:)``.
    var isSlow: Bool {
        get { state.withLock(\.isSlow) }
        set { state.withLock { $0.isSlow = newValue } }
    }

    var requests: [HTTPRequest] { state.withLock(\.requests) }
    var positions: [String?] { requests.map { $0.headerFields[HTTPField.Name("Last-Event-ID") ?? .eTag] } }
    var isConnected: Bool { state.withLock { $0.connections.values.contains { $0.body.isOpen } } }
    /// Whether the reader has worked through all that was sent, and waits for more.
    var isIdle: Bool {
        state.withLock { state in
            state.connections.values.contains { $0.body.isOpen }
                && state.connections.values.allSatisfy { !$0.body.isOpen || ($0.pending.isEmpty && $0.body.isIdle) }
        }
    }
    var log: [Revocation] { state.withLock { $0.log.map(\.revocation) } }

    func open(
        _ request: HTTPRequest
    ) async throws -> (response: HTTPResponse, body: any AsyncSequence<[UInt8], any Error> & Sendable) {
        let body = FakeConnection()
        let response = try state.withLock { state in
            state.requests.append(request)
            guard let status = state.status else { throw Broken() }
            let response = HTTPResponse(status: status, headerFields: [.contentType: state.contentType])
            guard status == .ok else {
                body.end()
                return response
            }
            state.connections[state.requests.count] = Connection(body: body, pending: greeting(positions(of: request), &state))
            if !state.isSlow { deliver(.max, in: &state) }
            return response
        }
        return (response, body)
    }

    /// Appends to the log, and sends it to whoever is connected.
    func append(_ revocation: Revocation) {
        state.withLock { state in
            state.log.append((state.next, revocation))
            state.next += 1
            send(event("revocation", revocation, state.next - 1, state), in: &state)
        }
    }

    /// Sends bytes that are not in the log: heartbeats, duplicates, forgeries.
    func send(_ text: String) {
        state.withLock { send(Array(text.utf8), in: &$0) }
    }

    /// Sends bytes before all that waits.
    func sendAhead(_ text: String) {
        state.withLock { state in
            for connection in state.connections.values { connection.body.send(Array(text.utf8)) }
        }
    }

    /// Sends an entry of the log once more.
    func sendAgain(_ index: Int) {
        state.withLock { state in
            guard !state.log.isEmpty else { return }
            let entry = state.log[index % state.log.count]
            send(event("revocation", entry.revocation, state.next - 1, state), in: &state)
        }
    }

    func deliver(_ count: Int = .max) {
        state.withLock { deliver(count, in: &$0) }
    }

    /// Ends every connection, wherever it is.
    func disconnect(_ error: (any Error)? = Broken()) {
        let bodies = state.withLock { state in
            defer { state.connections = [:] }
            return state.connections.values.map(\.body)
        }
        for body in bodies { body.end(error) }
    }

    /// Ends the connections whose readers have not taken all that they were sent.
    func cutSlow() {
        let bodies = state.withLock { state in
            let slow = state.connections.filter { !$0.value.pending.isEmpty }
            for id in slow.keys { state.connections[id] = nil }
            return slow.values.map(\.body)
        }
        for body in bodies { body.end(Broken()) }
    }

    /// The server ends, with every connection, and is away until its ``status`` says otherwise. It comes back with the log that it had.
    func stop() {
        status = nil
        disconnect()
    }

    /// A restored or moved database: a new epoch, and the last entries were never made.
    func restore(without count: Int) {
        state.withLock { state in
            state.epoch += 1
            state.log.removeLast(min(count, state.log.count))
        }
        disconnect()
    }

    /// Removes what may be forgotten.
    func prune() {
        state.withLock { state in
            let now = clock.now
            let dead = state.log.filter { $0.revocation.forgetAt.map { $0 <= now } ?? false }
            state.prunedUntil = max(state.prunedUntil, dead.map(\.number).max() ?? 0)
            state.log.removeAll { entry in dead.contains { $0.number == entry.number } }
        }
    }

    private func positions(of request: HTTPRequest) -> FeedPosition? {
        request.headerFields[HTTPField.Name("Last-Event-ID") ?? .eTag].flatMap(FeedPosition.init)
    }

    private func greeting(_ position: FeedPosition?, _ state: inout State) -> [UInt8] {
        var bytes = Array("retry: 2000\n\n".utf8)
        let startsAnew = state.generator.happens(onceIn: 2)
        if let position, position.epoch == "e\(state.epoch)", position.numbers[0] >= state.prunedUntil || !startsAnew {
            for entry in state.log where entry.number > position.numbers[0] {
                bytes += event("revocation", entry.revocation, entry.number, state)
            }
        } else {
            for entry in state.log { bytes += event("snapshot", entry.revocation, nil, state) }
        }
        let place = FeedPosition(epoch: "e\(state.epoch)", numbers: [state.next - 1])
        return bytes + Array("event: live\nid: \(place)\ndata: {\"position\":\"\(place)\"}\n\n".utf8)
    }

    private func event(_ name: String, _ revocation: Revocation, _ number: Int64?, _ state: State) -> [UInt8] {
        let token = try? SecurityEventToken.sign(revocation, issuer: issuer, with: state.key, at: clock.now)
        let id = number.map { "id: \(FeedPosition(epoch: "e\(state.epoch)", numbers: [$0]))\n" } ?? ""
        return Array("event: \(name)\n\(id)data: \(token ?? "")\n\n".utf8)
    }

    private func send(_ bytes: [UInt8], in state: inout State) {
        for id in state.connections.keys { state.connections[id]?.pending += bytes }
        if !state.isSlow { deliver(.max, in: &state) }
    }

    /// In pieces of random length.
    private func deliver(_ count: Int, in state: inout State) {
        for id in state.connections.keys {
            guard var connection = state.connections[id] else { continue }
            var rest = min(count, connection.pending.count)
            while rest > 0 {
                let length = min(rest, 1 + state.generator.below(2000))
                connection.body.send(Array(connection.pending.prefix(length)))
                connection.pending.removeFirst(length)
                rest -= length
            }
            state.connections[id] = connection
        }
    }
}

extension AccessTokenVerifier {
    /// A verifier for `https://api.example.com` that fetches from `server` and follows `feed`.
    static func following(
        _ feed: FakeFeed, _ server: FakeServer, _ clock: ManualClock, whenSilent: SilencePolicy = .open,
        remembering limit: Int = 1000,
        seed: UInt64 = 1
    ) -> Self {
        Self(
            issuer: "https://id.example.com", audience: "https://api.example.com",
            credential: .basic("notes-api", Secret("s3cret")),
            whenSilent: whenSilent, rememberedRevocations: limit, transport: server, streams: feed, clock: clock,
            randomBytes: seededRandomBytes(seed), logger: .test)
    }
}
