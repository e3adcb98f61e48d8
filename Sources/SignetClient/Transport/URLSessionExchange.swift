import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One request of ``URLSessionTransport``, as the delegate sees it: hands on what it hears, and slows the server down.
///
/// The delegate holds it, so it must not hold the stream: that ends when its reader lets go of it, and then the task is cancelled.
final class URLSessionExchange: Sendable {
    enum Event: Sendable {
        case head(HTTPURLResponse)
        case piece(Data)
    }

    private struct Flow {
        var unread = 0
        var isPaused = false
    }

    private let task: URLSessionTask
    private let inlet: AsyncThrowingStream<Event, any Error>.Continuation
    private let unreadLimit: Int
    private let flow = Mutex(Flow())

    /// An exchange, and what will arrive in it.
    /// - Parameter unreadLimit: how much may wait to be read, in bytes, before the server is slowed down or, where that cannot be
    ///   had, broken off.
    static func of(_ task: URLSessionTask, unreadLimit: Int) -> (URLSessionExchange, URLSessionAnswer) {
        let (events, inlet) = AsyncThrowingStream.makeStream(of: Event.self)
        let exchange = URLSessionExchange(task, inlet, unreadLimit: unreadLimit)
        return (exchange, URLSessionAnswer(events: events, exchange: exchange))
    }

    private init(
        _ task: URLSessionTask, _ inlet: AsyncThrowingStream<Event, any Error>.Continuation, unreadLimit: Int
    ) {
        self.task = task
        self.unreadLimit = unreadLimit
        self.inlet = inlet
        // Foundation's own word on the cancellation comes later, and is of no interest then.
        inlet.onTermination = { _ in task.cancel() }
    }

    func received(_ response: URLResponse?) {
        guard let head = response as? HTTPURLResponse else { return }
        inlet.yield(.head(head))
    }

    func received(_ piece: Data) {
        inlet.yield(.piece(piece))
        flow.withLock { flow in
            flow.unread += piece.count
            guard flow.unread > unreadLimit, !flow.isPaused else { return }
            flow.isPaused = true
            // In the lock: resumed before it is suspended, the task would stay so for ever.
            slowDown()
        }
    }

    func ended(_ error: (any Error)?) {
        inlet.finish(throwing: error)
    }

    /// So many bytes were read.
    func read(_ count: Int) {
        flow.withLock { flow in
            flow.unread -= count
            guard flow.isPaused, flow.unread <= unreadLimit / 2 else { return }
            flow.isPaused = false
            task.resume()
        }
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
}

/// What arrives in one exchange, for its one reader; whoever lets go of it cancels what is still under way.
struct URLSessionAnswer: Sendable {
    fileprivate let events: AsyncThrowingStream<URLSessionExchange.Event, any Error>
    fileprivate let exchange: URLSessionExchange

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
        ResponseBody(
            events.compactMap { [exchange] event in
                guard case .piece(let piece) = event else { return nil }
                exchange.read(piece.count)
                return piece
            })
    }
}
