import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A network that breaks a connection at a byte: so much of a request reaches the server, or of its answer the client, and then both
/// sides find their connection gone.
final class CutConnections: Sendable {
    /// How a connection ends.
    enum Ending: CaseIterable, Sendable {
        /// As if the other side had nothing more to say.
        case closed
        /// With a reset.
        case reset
    }

    /// Where a connection is cut: before that byte.
    enum Cut: Sendable {
        case request(Int, Ending)
        case answer(Int, Ending)

        /// How many bytes have gone.
        var byte: Int {
            switch self {
            case .request(let byte, _), .answer(let byte, _): byte
            }
        }

        fileprivate var ending: Ending {
            switch self {
            case .request(_, let ending), .answer(_, let ending): ending
            }
        }
    }

    private struct State {
        var next: Cut?
        var lengths = (request: 0, answer: 0)
        var cuts = 0
    }

    private let serverPort: Int
    private let state = Mutex(State())

    /// Where clients reach it.
    let port: Int

    private init(serverPort: Int, port: Int) {
        self.serverPort = serverPort
        self.port = port
    }

    /// Stands before the server at `serverPort` while `body` runs.
    static func run<Result: Sendable>(
        to serverPort: Int, _ body: (CutConnections) async throws -> Result
    ) async throws -> Result {
        let listener = try await LoopbackListener()
        let cutter = CutConnections(serverPort: serverPort, port: listener.port)
        return try await listener.run(answer: cutter.carry) { try await body(cutter) }
    }

    /// How many bytes the last exchange had that was left whole.
    var lengths: (request: Int, answer: Int) { state.withLock(\.lengths) }

    /// How many connections were cut.
    var cuts: Int { state.withLock(\.cuts) }

    /// The next connection meets this; those that follow are whole.
    func cutNext(_ cut: Cut) {
        state.withLock { $0.next = cut }
    }

    @Sendable private func carry(_ client: LoopbackListener.Connection) async throws {
        try await client.executeThenClose { inbound, _ in
            guard let request = try await RawRequest(readingFrom: inbound) else { return }
            let cut = state.withLock { state in
                defer { state.next = nil }
                if state.next != nil { state.cuts += 1 }
                return state.next
            }
            if case .request(let length, let ending) = cut {
                try await send(request.bytes.prefix(length), ending: ending)
            } else {
                let answer = try await RawHTTP(port: serverPort).send(request.closingConnection.bytes)
                var arriving = answer[...]
                if case .answer(let length, _) = cut { arriving = answer.prefix(length) }
                try await client.channel.writeAndFlush(ByteBuffer(bytes: arriving))
                if cut == nil { state.withLock { $0.lengths = (request.bytes.count, answer.count) } }
            }
            if cut?.ending == .reset { try await resetOnClose(client.channel) }
        }
    }

    /// Sends the beginning of a request to the server, and no more.
    private func send(_ bytes: ArraySlice<UInt8>, ending: Ending) async throws {
        let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: serverPort).get()
        try await server.writeAndFlush(ByteBuffer(bytes: bytes))
        if ending == .reset { try await resetOnClose(server) }
        try await server.close()
    }

    /// A socket that does not linger is reset when it is closed.
    private func resetOnClose(_ channel: any Channel) async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
}
