import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One request of ``URLSessionTransport`` and its answer: the delegate puts in what it hears, one task takes it out.
///
/// Whoever lets go of it cancels what is still under way.
final class URLSessionExchange: Sendable {
    private enum Event: Sendable {
        case head(HTTPURLResponse)
        case piece(Data)
    }

    private struct Flow {
        var unread = 0
        var isPaused = false
    }

    private let task: URLSessionTask
    private let events: AsyncThrowingStream<Event, any Error>
    private let inlet: AsyncThrowingStream<Event, any Error>.Continuation
    private let flow = Mutex(Flow())

    /// How much may wait to be read, in bytes, before the server is slowed down or, where that cannot be had, broken off.
    static let unreadLimit = 64 * 1024 * 1024

    init(_ task: URLSessionTask) {
        self.task = task
        (events, inlet) = AsyncThrowingStream.makeStream()
        // Foundation's own word on the cancellation comes later, and is of no interest then.
        inlet.onTermination = { _ in task.cancel() }
    }

    deinit {
        task.cancel()
    }

    // MARK: What the delegate hears

    func received(_ response: URLResponse?) {
        guard let head = response as? HTTPURLResponse else { return }
        inlet.yield(.head(head))
    }

    func received(_ piece: Data) {
        let isTooMuch = flow.withLock { flow in
            flow.unread += piece.count
            guard flow.unread > Self.unreadLimit, !flow.isPaused else { return false }
            flow.isPaused = true
            return true
        }
        inlet.yield(.piece(piece))
        if isTooMuch { slowDown() }
    }

    func ended(_ error: (any Error)?) {
        inlet.finish(throwing: error)
    }

    private func slowDown() {
        #if canImport(FoundationNetworking)
            // A task that is suspended there begins the request anew when it is resumed.
            inlet.finish(throwing: TransportError("the answer comes faster than it is read"))
        #else
            // This was neither compiled nor run on an Apple platform yet.
            task.suspend()
        #endif
    }

    // MARK: What the reader takes

    /// The head of the answer, once it is there.
    /// - Throws: what kept it from coming; `CancellationError`.
    func head() async throws -> HTTPURLResponse {
        var iterator = events.makeAsyncIterator()
        while let event = try await iterator.next() {
            if case .head(let head) = event { return head }
        }
        try Task.checkCancellation()
        throw TransportError("the answer is not HTTP")
    }

    /// The body.
    var body: ResponseBody {
        // Each piece is taken out through the exchange, which therefore lives as long as somebody reads.
        ResponseBody(events.compactMap { [self] event in piece(event) })
    }

    private func piece(_ event: Event) -> Data? {
        guard case .piece(let piece) = event else { return nil }
        let mayGoOn = flow.withLock { flow in
            flow.unread -= piece.count
            guard flow.isPaused, flow.unread <= Self.unreadLimit / 2 else { return false }
            flow.isPaused = false
            return true
        }
        if mayGoOn { task.resume() }
        return piece
    }
}
