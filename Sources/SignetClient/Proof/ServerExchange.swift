import Foundation
import HTTPTypes
import SignetTokens

extension Renewal {
    /// One request to the server itself, perhaps while the store's lock is held: its whole answer must have come in time, for a server
    /// that sends a byte a minute would keep everybody else from the session.
    ///
    /// With a key it carries a proof, and is sent once more where the server wants another nonce in it or has another time: it has
    /// refused the proof then, and looked at nothing else (RFC 9449, section 8).
    /// - Throws: ``SignetClientError``; `CancellationError`.
    func send(
        _ request: HTTPRequest, _ body: Data, within limit: Duration, provenBy key: (any ProofKey)? = nil
    ) async throws -> ServerAnswer {
        guard let key else { return ServerAnswer(try await exchange(request, body, limit)) }

        let proven = try await prover.proven(request, by: key, at: serverTime())
        let first = try await exchange(proven.request, body, limit)
        let errors = [ServerAnswer(first).object?["error"]?.string].compactMap(\.self) + challengeErrors(first.response, .dpop)
        guard let moment = prover.correction(after: first.response, to: proven, errors: errors) else {
            return ServerAnswer(first)
        }
        let again = try await prover.proven(request, by: key, at: moment)
        let second = try await exchange(again.request, body, limit)
        _ = prover.correction(after: second.response, to: again, errors: [])
        return ServerAnswer(second)
    }

    private func exchange(
        _ request: HTTPRequest, _ body: Data, _ limit: Duration
    ) async throws -> (response: HTTPResponse, body: Data) {
        try await answered {
            try await clocks.within(limit) { [transport] in try await transport.send(request, body: body, timeout: limit) }
        }
    }
}

extension ServerAnswer {
    fileprivate init(_ answer: (response: HTTPResponse, body: Data)) {
        self.init(answer.response, answer.body)
    }
}
