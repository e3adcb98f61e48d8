public import HTTPTypes

/// The one way in which the verifier reaches the network, so that tests and unusual networks can put their own in its place.
///
/// An implementation follows no redirects (they are answers, and refused), gives up after a time of its own, and stops reading a body
/// that is longer than the verifier would take.
public protocol Transport: Sendable {
    /// Sends a request, with `body` if it has one, and collects the answer, whatever its status.
    /// - Throws: what keeps the answer from being had; the verifier then keeps the keys that it holds.
    func send(_ request: HTTPRequest, body: [UInt8]) async throws -> (response: HTTPResponse, body: [UInt8])
}

extension Transport {
    /// Sends a request without a body.
    /// - Throws: as ``send(_:body:)`` does.
    public func send(_ request: HTTPRequest) async throws -> (response: HTTPResponse, body: [UInt8]) {
        try await send(request, body: [])
    }
}
