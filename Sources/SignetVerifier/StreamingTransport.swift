public import HTTPTypes

/// The sibling of ``Transport`` for an answer that does not end: the revocation feed.
///
/// An implementation follows no redirects, gives up when the head of the answer does not come in time, sets the body no time limit,
/// reads it no faster than it is taken, and closes the connection when its reader is cancelled or lets go of it.
public protocol StreamingTransport: Sendable {
    /// Sends a request, and gives the answer's body as it arrives, whatever its status.
    /// - Throws: what keeps the answer from being had; the body throws what breaks it.
    func open(
        _ request: HTTPRequest
    ) async throws -> (response: HTTPResponse, body: any AsyncSequence<[UInt8], any Error> & Sendable)
}
