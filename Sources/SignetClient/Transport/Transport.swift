public import Foundation
public import HTTPTypes

/// The one way in which a ``SignetClient`` reaches the network; a test puts a server of its own in its place.
public protocol Transport: Sendable {
    /// Sends one request and gives its answer, whatever its status.
    ///
    /// A redirect is an answer like any other: following it here could carry a token to a place that nobody named.
    /// - Parameters:
    ///   - request: the request, with scheme and authority.
    ///   - body: what goes with it.
    ///   - timeout: after how long without an answer to give up.
    /// - Throws: `CancellationError` when the caller's task was cancelled, and any other error when no whole answer came.
    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data)
}

/// No whole answer came: the name was not found, the connection was refused or cut, the time was up, TLS failed.
public struct TransportError: Error, Hashable, CustomStringConvertible, Sendable {
    /// What happened, in a few words; no part of the request or the answer.
    public let description: String

    /// An error that says what happened in a few words.
    public init(_ description: String) {
        self.description = description
    }
}
