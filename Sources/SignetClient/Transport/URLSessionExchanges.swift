import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The delegate of ``URLSessionTransport``: tells each exchange what happens to its task.
///
/// A delegate, because only a delegate may say no to a redirect, on every platform, and because Foundation on Linux has no other
/// way to give an answer before it is whole.
final class URLSessionExchanges: NSObject, URLSessionDataDelegate {
    private let unreadLimit: Int
    private let exchanges = Mutex<[Int: URLSessionExchange]>([:])

    /// - Parameter unreadLimit: how much of an answer may wait to be read, in bytes.
    init(unreadLimit: Int) {
        self.unreadLimit = unreadLimit
    }

    /// Starts the task.
    func begin(_ task: URLSessionTask) -> URLSessionAnswer {
        let (exchange, answer) = URLSessionExchange.of(task, unreadLimit: unreadLimit)
        exchanges.withLock { $0[task.taskIdentifier] = exchange }
        task.resume()
        return answer
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        exchange(of: dataTask)?.received(response)
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        exchange(of: dataTask)?.received(data)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let exchange = end(of: task) else { return }
        // Foundation on Linux has not told of a redirect's answer before.
        if error == nil { exchange.received(task.response) }
        exchange.ended(error.map(Self.translated))
    }

    #if canImport(FoundationNetworking)
        /// A 401 that asks for a password is an answer like any other. Left alone, Foundation on Linux would wait here for ever.
        func urlSession(
            _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            if let answer = challenge.failureResponse as? HTTPURLResponse, let exchange = end(of: task) {
                exchange.received(answer)
                exchange.ended(nil)
            }
            completionHandler(.cancelAuthenticationChallenge, nil)
        }
    #endif

    private func exchange(of task: URLSessionTask) -> URLSessionExchange? {
        exchanges.withLock { $0[task.taskIdentifier] }
    }

    private func end(of task: URLSessionTask) -> URLSessionExchange? {
        exchanges.withLock { $0.removeValue(forKey: task.taskIdentifier) }
    }

    /// Only the kind of the error: the original carries the request's URL, and on some platforms more.
    private static func translated(_ error: any Error) -> any Error {
        guard let error = error as? URLError else { return TransportError("the connection failed") }
        return switch error.code {
        case .cancelled: CancellationError()
        case .timedOut: TransportError.timedOut
        case .cannotFindHost, .dnsLookupFailed: TransportError("the server's name cannot be found")
        case .cannotConnectToHost: TransportError("the server cannot be reached")
        case .notConnectedToInternet: TransportError("there is no connection to the network")
        case .networkConnectionLost: TransportError("the connection was cut")
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected:
            TransportError("no secure connection to the server can be made")
        default: TransportError("the connection failed (\(error.code.rawValue))")
        }
    }
}
