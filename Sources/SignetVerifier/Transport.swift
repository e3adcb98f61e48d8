public import HTTPTypes

/// The one way in which the verifier reaches the network, so that tests and unusual networks can put their own in its place.
///
/// An implementation follows no redirects (they are answers, and refused), gives up after a time of its own, and stops reading a body
/// that is longer than the verifier would take.
public protocol Transport: Sendable {
    /// Sends a request and collects the answer, whatever its status.
    /// - Throws: what keeps the answer from being had; the verifier then keeps the keys that it holds.
    func send(_ request: HTTPRequest) async throws -> (response: HTTPResponse, body: [UInt8])
}
