import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The delegate of ``URLSessionTransport``: collects each task's answer and hands it over once, whole.
///
/// A delegate, because only a delegate may say no to a redirect, on every platform.
final class URLSessionExchanges: NSObject, URLSessionDataDelegate {
    typealias Continuation = CheckedContinuation<(HTTPURLResponse, Data), any Error>

    private struct Exchange {
        let continuation: Continuation
        var body = Data()
    }

    private let exchanges = Mutex<[Int: Exchange]>([:])

    /// Must come before the task is resumed.
    func begin(_ task: URLSessionTask, _ continuation: Continuation) {
        exchanges.withLock { $0[task.taskIdentifier] = Exchange(continuation: continuation) }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        exchanges.withLock { $0[dataTask.taskIdentifier]?.body.append(data) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let exchange = exchanges.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        if let error {
            exchange.continuation.resume(throwing: Self.translated(error))
        } else if let answer = task.response as? HTTPURLResponse {
            exchange.continuation.resume(returning: (answer, exchange.body))
        } else {
            exchange.continuation.resume(throwing: TransportError("the answer is not HTTP"))
        }
    }

    #if canImport(FoundationNetworking)
        /// A 401 that asks for a password is an answer like any other. Left alone, Foundation on Linux would wait here for ever.
        func urlSession(
            _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            if let answer = challenge.failureResponse as? HTTPURLResponse,
                let exchange = exchanges.withLock({ $0.removeValue(forKey: task.taskIdentifier) })
            {
                exchange.continuation.resume(returning: (answer, exchange.body))
            }
            completionHandler(.cancelAuthenticationChallenge, nil)
        }
    #endif

    /// Only the kind of the error: the original carries the request's URL, and on some platforms more.
    private static func translated(_ error: any Error) -> any Error {
        guard let error = error as? URLError else { return TransportError("the connection failed") }
        return switch error.code {
        case .cancelled: CancellationError()
        case .timedOut: TransportError("no answer in time")
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
