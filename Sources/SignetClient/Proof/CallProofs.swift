import HTTPTypes
import SignetTokens

/// Sends calls with a proof beside the access token, where that is bound to a key (RFC 9449, section 7).
struct CallProofs: Sendable {
    let prover: Prover
    /// The present moment by the server's clock, as well as it is known.
    let now: @Sendable () async -> UnixTime

    /// One request, sent once more when its proof is refused for its nonce or its time.
    func send<Body>(
        _ request: HTTPRequest, of session: StoredSession, isRepeatable: Bool,
        _ send: (HTTPRequest) async throws -> (HTTPResponse, Body)
    ) async throws -> (HTTPResponse, Body) {
        guard let key = try await prover.key(of: session) else { return try await send(request) }

        let token = session.accessToken
        let proven = try await prover.proven(request, by: key, accessToken: token, at: now())
        let first = try await send(proven.request)
        let moment = prover.correction(after: first.0, to: proven, errors: challengeErrors(first.0, .dpop))
        guard let moment, isRepeatable else { return first }

        let again = try await prover.proven(request, by: key, accessToken: token, at: moment)
        let second = try await send(again.request)
        _ = prover.correction(after: second.0, to: again, errors: [])
        return second
    }
}
