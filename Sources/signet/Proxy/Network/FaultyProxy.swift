import NIOCore
import NIOHTTP1
import SignetTokens
import Synchronization

/// A bad network between clients and a server: an HTTP/1.1 proxy that loses, delays, cuts and replaces answers and repeats requests,
/// as its plan says.
///
/// What meets no fault passes as it is: streams as they come, requests and answers of any length. A request that meets a fault is never
/// repeated after a later one has gone through (see ``RepeatGate``).
struct FaultyProxy: Sendable {
    /// Which requests the plan is for; all others meet no fault.
    enum Scope: String, Sendable {
        case renewals, all
    }

    private let upstream: Upstream
    private let plan: FaultPlan
    private let scope: Scope
    private let clock: any WallClock
    private let watch: @Sendable (ProxyEvent, UnixTime) -> Void
    private let gate = RepeatGate()
    private let counts = Counts()

    /// - Parameter watch: is told what happens, in the order in which it does.
    init(
        before upstream: Upstream, plan: FaultPlan, scope: Scope = .renewals, clock: any WallClock = SystemWallClock(),
        watch: @escaping @Sendable (ProxyEvent, UnixTime) -> Void
    ) {
        self.upstream = upstream
        self.plan = plan
        self.scope = scope
        self.clock = clock
        self.watch = watch
    }

    /// Listens, and carries what comes while `body` runs.
    func run<Result: Sendable>(
        host: String = "127.0.0.1", port: Int = 0, _ body: (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let listener = try await Listener<HTTPServerRequestPart>(host: host, port: port) { channel in
            try channel.pipeline.syncOperations.addHandlers([
                IdleStateHandler(allTimeout: .minutes(5)), IdleEnd(), ByteToMessageHandler(HTTPRequestDecoder()),
            ])
        }
        return try await listener.run(answer: carry) { try await body(listener.port) }
    }

    /// Carries one connection's requests, one after the other.
    @concurrent private func carry(_ client: Listener<HTTPServerRequestPart>.Connection) async throws {
        let channel = client.channel
        let current = CurrentRequest()
        channel.closeFuture.whenComplete { _ in
            if let number = current.number { watch(.left(number), clock.now) }
        }
        try await client.executeThenClose { inbound, _ in
            var parts: ProxiedRequest.Parts? = inbound.makeAsyncIterator()
            while let request = try await next(&parts, on: channel) {
                let seen = SeenRequest(request.head, body: request.body.readableBytesView)
                let isMeant = scope == .all || seen.isRenewal
                let (number, faultNumber) = counts.next(isMeant: isMeant)
                let fault = isMeant ? plan.fault(of: faultNumber) : .none
                current.number = number
                watch(.asked(number, seen, fault), clock.now)

                var exchange = Exchange(
                    request: request, isReadWhole: seen.isAboutTokens, upstream: upstream, channel: channel, clock: clock
                ) { answer, arrival in
                    current.number = nil
                    watch(.answered(number, by: answer, arrival), clock.now)
                }
                if isMeant {
                    await gate.pass(closing: fault.isRepeat) { await exchange.carry(meeting: fault, rest: &parts) }
                } else {
                    // A request that meets no fault does not wait for others.
                    await exchange.carry(meeting: .none, rest: &parts)
                }
                guard exchange.keepsConnection else { return }
            }
        }
    }

    /// The connection's next request; `nil` at its end, also where what comes is no HTTP.
    private func next(_ parts: inout ProxiedRequest.Parts?, on channel: any Channel) async throws -> ProxiedRequest? {
        do {
            return try await ProxiedRequest(reading: &parts, answeringOn: channel)
        } catch is HTTPParserError {
            let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            try await channel.writeAndFlush(ByteBuffer(string: answer))
            return nil
        }
    }

    /// Numbers all requests from 1 on, and those that the plan is for from 0 on.
    private final class Counts: Sendable {
        private let counts = Mutex((all: 0, meant: -1))

        func next(isMeant: Bool) -> (number: Int, faultNumber: Int) {
            counts.withLock { counts in
                counts.all += 1
                if isMeant { counts.meant += 1 }
                return (counts.all, counts.meant)
            }
        }
    }

    /// The request whose answer has not begun.
    private final class CurrentRequest: Sendable {
        private let current = Mutex<Int?>(nil)

        var number: Int? {
            get { current.withLock { $0 } }
            set { current.withLock { $0 = newValue } }
        }
    }

    /// Closes a connection on which nothing has moved for long.
    private final class IdleEnd: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
            context.fireUserInboundEventTriggered(event)
        }
    }
}
