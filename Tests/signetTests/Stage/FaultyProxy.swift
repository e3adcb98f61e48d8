import NIOCore
import NIOPosix
import Synchronization

/// A bad network between a client and a server: an HTTP/1.1 proxy on 127.0.0.1 that loses, delays and cuts answers and repeats requests, as its plan says.
///
/// Each request goes to the server on a connection of its own, and each answer is taken whole before it is delivered, whole or in part;
/// so event streams do not pass. A request is never changed (but for its `Connection` field), never kept back, and never repeated
/// after a later request has gone through (see ``RepeatGate``).
final class FaultyProxy: Sendable {
    private struct State {
        var serverPort: Int
        var met: [Fault] = []
    }

    private let plan: FaultPlan
    private let gate = RepeatGate()
    private let state: Mutex<State>

    /// Where clients reach the proxy.
    let port: Int

    private init(plan: FaultPlan, serverPort: Int, port: Int) {
        self.plan = plan
        self.port = port
        state = Mutex(State(serverPort: serverPort))
    }

    /// Stands before the server at `serverPort` while `body` runs.
    static func run<Result: Sendable>(
        to serverPort: Int, plan: FaultPlan, _ body: (FaultyProxy) async throws -> Result
    ) async throws -> Result {
        let listener = try await LoopbackListener()
        let proxy = FaultyProxy(plan: plan, serverPort: serverPort, port: listener.port)
        return try await listener.run(answer: proxy.carry) { try await body(proxy) }
    }

    /// What has happened to the requests so far, in the order of their arrival.
    var met: [Fault] { state.withLock(\.met) }

    /// Requests go to that port from now on: a server that was killed may come back on another one.
    func forward(to serverPort: Int) {
        state.withLock { $0.serverPort = serverPort }
    }

    @Sendable private func carry(_ client: LoopbackListener.Connection) async throws {
        try await client.executeThenClose { inbound, _ in
            guard let request = try await RawRequest(readingFrom: inbound) else { return }
            let fault = state.withLock { state in
                let fault = plan.next()
                state.met.append(fault)
                return fault
            }
            let answer = try await gate.pass(closing: fault.isRepeat) {
                try await self.answer(to: request.closingConnection.bytes, with: fault)
            }
            // Waits until the system has taken the bytes: closing earlier could cut an answer that the plan leaves whole.
            try await client.channel.writeAndFlush(ByteBuffer(bytes: answer))
        }
    }

    /// The bytes that the client gets; closing the connection follows.
    private func answer(to request: [UInt8], with fault: Fault) async throws -> [UInt8] {
        switch fault {
        case .none:
            return try await server.send(request)
        case .loseRequest:
            return []
        case .loseAnswer:
            _ = try await server.send(request)
            return []
        case .cutAnswer(let part):
            let answer = try await server.send(request)
            return Array(answer.prefix(Int(Double(answer.count) * part)))
        case .delayAnswer(let delay):
            let answer = try await server.send(request)
            try await pause(delay)
            return answer
        case .repeatRequest(after: nil, let answerWithCopy):
            async let first = outcome(of: request)
            async let copy = outcome(of: request)
            let outcomes = await (first: first, copy: copy)
            return try (answerWithCopy ? outcomes.copy : outcomes.first).get()
        case .repeatRequest(after: let delay?, let answerWithCopy):
            let first = await outcome(of: request)
            try await pause(delay)
            let copy = await outcome(of: request)
            return try (answerWithCopy ? copy : first).get()
        }
    }

    private var server: RawHTTP { RawHTTP(port: state.withLock(\.serverPort)) }

    /// One of two sendings may meet a server that has just been killed, which says nothing about the other.
    private func outcome(of request: [UInt8]) async -> Result<[UInt8], any Error> {
        do {
            return .success(try await server.send(request))
        } catch {
            return .failure(error)
        }
    }

    private func pause(_ delay: Duration) async throws {
        try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: TimeAmount(delay)) {}.futureResult.get()
    }
}
