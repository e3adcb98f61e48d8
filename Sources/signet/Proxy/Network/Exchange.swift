import Foundation
import NIOCore
import NIOHTTP1
import SignetTokens

/// One request on its way to the server and back, with the fault that it meets.
struct Exchange {
    /// So much of an answer is looked at; Signet's own are far shorter.
    private static let answerLimit = 1 << 20

    /// A whole answer.
    private struct Answer: Sendable {
        let head: HTTPResponseHead
        let body: ByteBuffer
    }

    private let request: ProxiedRequest
    private let isReadWhole: Bool
    private let upstream: Upstream
    private let channel: any Channel
    private let clock: any WallClock
    private let tell: @Sendable (SeenAnswer?, Arrival) -> Void
    private var writer: AnswerWriter
    private var hasTold = false
    private var isWhole = false

    /// - Parameters:
    ///   - isReadWhole: whether the answer is read to its end before it goes on, because it says something about tokens.
    ///   - tell: is called once, with what the server said and what of it reaches the client, before the first byte leaves: whoever has
    ///     the answer may act on it before we come to speak of it.
    init(
        request: ProxiedRequest, isReadWhole: Bool, upstream: Upstream, channel: any Channel, clock: any WallClock,
        tell: @escaping @Sendable (SeenAnswer?, Arrival) -> Void
    ) {
        self.request = request
        self.isReadWhole = isReadWhole
        self.upstream = upstream
        self.channel = channel
        self.clock = clock
        self.tell = tell
        writer = AnswerWriter(to: request.head, on: channel)
    }

    /// Whether the connection can take another request; otherwise it must be closed.
    var keepsConnection: Bool { isWhole && request.isWhole && writer.keepsConnection }

    /// Carries it there and back.
    /// - Parameter parts: the rest of a body that is not whole.
    mutating func carry(meeting fault: Fault, rest parts: inout ProxiedRequest.Parts?) async {
        do {
            try await meet(fault, rest: &parts)
        } catch is AnswerWriter.CutHere {
            // As it was to be.
        } catch {
            tellOnce(nil, .unreachable)
        }
    }

    private mutating func meet(_ fault: Fault, rest parts: inout ProxiedRequest.Parts?) async throws {
        switch fault {
        case .none: try await pass(rest: &parts)
        case .delayAnswer(let delay): try await pass(after: delay, rest: &parts)
        case .cutAnswerAt(let count): try await pass(cutAfter: { _ in count }, rest: &parts)
        case .cutAnswer(let part): try await pass(cutAfter: { Int(Double($0) * part) }, rest: &parts)
        case .loseRequest: tellOnce(nil, .lost)
        case .reset:
            tellOnce(nil, .lost)
            // Closing with nothing to linger for resets the connection (RFC 9293, section 3.10.4).
            let options = channel as? any SocketOptionProvider
            try await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        case .loseAnswer: tellOnce(try await work(rest: &parts), .lost)
        case .repeatRequest(let delay, let answerWithCopy):
            // What is too long to be kept, or is no request for work, is not repeated.
            guard request.isWhole, request.head.method == .POST else { return try await pass(rest: &parts) }
            let answer = try await repeated(after: delay, answerWithCopy: answerWithCopy)
            tellOnce(SeenAnswer(answer.head, body: answer.body.readableBytesView), .whole)
            try await write(answer)
        case .answer(let faked):
            let answer = faked.reachesServer ? try await work(rest: &parts) : nil
            let (head, body) = faked.answer
            tellOnce(answer, .replaced(SeenAnswer(head, body: body.readableBytesView)))
            try await write(Answer(head: head, body: body))
        }
    }

    /// Hands the server's answer on as it comes.
    private mutating func pass(
        after delay: Duration? = nil, cutAfter count: ((_ total: Int) -> Int)? = nil, rest parts: inout ProxiedRequest.Parts?
    ) async throws {
        try await upstream.ask(request, rest: &parts) { head, body in
            let start = try await isReadWhole ? body.collect(upTo: Self.answerLimit) : ByteBuffer()
            let answer = SeenAnswer(head, body: start.readableBytesView)
            if let delay { try await clock.sleep(for: delay) }

            let bytes = writer.head(head, length: body.isAtEnd ? start.readableBytes : nil)
            // Of a stream nobody knows the length: then its head alone counts.
            let length = body.isAtEnd ? start.readableBytes : head.headers.first(name: "Content-Length").flatMap(Int.init) ?? 0
            let total = bytes.readableBytes + length
            let cut = count?(total)
            if let cut { writer.cut(after: cut) }
            tellOnce(answer, cut.map { $0 < total } ?? false ? .lost : .whole)
            try await writer.write(bytes)
            try await writer.write(writer.body(start))
            while let bytes = try await body.next() { try await writer.write(writer.body(bytes)) }
            try await writer.write(writer.end)
        }
        isWhole = true
    }

    /// Lets the server do its work, and keeps the answer back.
    private mutating func work(rest parts: inout ProxiedRequest.Parts?) async throws -> SeenAnswer {
        try await upstream.ask(request, rest: &parts) { head, body in
            let start = try await isReadWhole ? body.collect(upTo: Self.answerLimit) : ByteBuffer()
            return SeenAnswer(head, body: start.readableBytesView)
        }
    }

    /// The answer to the request or to its copy.
    private func repeated(after delay: Duration?, answerWithCopy: Bool) async throws -> Answer {
        guard let delay else {
            async let first = outcome()
            async let copy = outcome()
            let outcomes = await (first: first, copy: copy)
            return try (answerWithCopy ? outcomes.copy : outcomes.first).get()
        }
        let first = await outcome()
        try await clock.sleep(for: delay)
        let copy = await outcome()
        return try (answerWithCopy ? copy : first).get()
    }

    /// One of two sendings may meet a server that has just been killed, which says nothing about the other.
    private func outcome() async -> Result<Answer, any Error> {
        do {
            var none: ProxiedRequest.Parts?
            return .success(
                try await upstream.ask(request, rest: &none) { head, body in
                    let whole = try await body.collect(upTo: Self.answerLimit)
                    guard body.isAtEnd else { throw Upstream.Cut() }
                    return Answer(head: head, body: whole)
                })
        } catch {
            return .failure(error)
        }
    }

    private mutating func write(_ whole: Answer) async throws {
        try await writer.write(writer.head(whole.head, length: whole.body.readableBytes))
        try await writer.write(writer.body(whole.body))
        isWhole = true
    }

    private mutating func tellOnce(_ answer: SeenAnswer?, _ arrival: Arrival) {
        guard !hasTold else { return }
        hasTold = true
        tell(answer, arrival)
    }
}
