public import Foundation
public import HTTPTypes

/// The one way in which a ``SignetClient`` reaches the network; a test puts a server of its own in its place.
///
/// Only ``send(_:body:timeout:)`` has to be written. A transport that can give an answer piece by piece also brings
/// ``open(_:body:timeout:)``, so that long answers and files need not stand in memory.
public protocol Transport: Sendable {
    /// Sends one request and gives its whole answer, whatever its status.
    ///
    /// A redirect is an answer like any other: following it here could carry a token to a place that nobody named.
    /// - Parameters:
    ///   - request: the request, with scheme and authority.
    ///   - body: what goes with it.
    ///   - timeout: after how long without a whole answer to give up.
    /// - Throws: `CancellationError` when the caller's task was cancelled, and any other error when no whole answer came.
    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data)

    /// Sends one request and gives its answer as soon as its head is there, whatever its status; a redirect too.
    ///
    /// - Parameters:
    ///   - request: the request, with scheme and authority.
    ///   - body: what goes with it.
    ///   - timeout: after how long without a sign of the server to give up, before the head and between two pieces.
    /// - Throws: `CancellationError` when the caller's task was cancelled, and any other error when no answer came; what breaks
    ///   it later is thrown by the body.
    func open(_ request: HTTPRequest, body: RequestBody, timeout: Duration) async throws -> (HTTPResponse, ResponseBody)
}

extension Transport {
    /// Sends one request by ``send(_:body:timeout:)``; the answer stands in memory as a whole before it is given.
    public func open(
        _ request: HTTPRequest, body: RequestBody, timeout: Duration
    ) async throws -> (HTTPResponse, ResponseBody) {
        let (response, data) = try await send(request, body: body.data(), timeout: timeout)
        return (response, ResponseBody(data))
    }
}
