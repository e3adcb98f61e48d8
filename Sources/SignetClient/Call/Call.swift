import Foundation
import HTTPTypes
import SignetTokens

extension SignetClient {
    /// One call with the access token, sent once more with a renewed one if the token is refused; the answer as it arrives,
    /// and where it came from after redirects.
    func call(_ call: OutgoingCall) async throws -> (HTTPResponse, ResponseBody, URL?) {
        let session = try await renewal.session()
        let answer = try await send(call, session)
        guard rejectsAccessToken(answer.0, session.scheme) else { return answer }

        let renewed = try await renewal.session(rejecting: session.accessToken)
        return call.isRepeatable ? try await send(call, renewed) : answer
    }

    /// The answer to one of the server's own doors, called with the access token.
    func ask(_ request: HTTPRequest, json: JSONValue? = nil) async throws -> ServerAnswer {
        let (response, body, _) = try await call(
            OutgoingCall(request: request, body: json.map { .data(Data($0.bytes)) } ?? .empty))
        return ServerAnswer(response, try await Self.answered { try await body.collect() })
    }

    private func send(_ call: OutgoingCall, _ session: StoredSession) async throws -> (HTTPResponse, ResponseBody, URL?) {
        var next = Redirection(request: call.request, body: call.body)
        for _ in 0..<5 {
            let (response, body) = try await open(next, of: call, session)
            guard let further = next.followed(to: response) else { return (response, body, next.url) }
            next = further
        }
        throw SignetClientError.network(TransportError("too many redirects"))
    }

    /// One request with the access token; with a proof, when that is bound to a key.
    private func open(
        _ step: Redirection, of call: OutgoingCall, _ session: StoredSession
    ) async throws -> (HTTPResponse, ResponseBody) {
        var request = step.request
        request.headerFields[.authorization] = session.accessToken.reveal { "\(session.scheme.rawValue) \($0)" }
        func answer(to request: HTTPRequest) async throws -> (HTTPResponse, ResponseBody) {
            try await Self.answered { try await transport.open(request, body: step.body, timeout: call.timeout) }
        }
        guard let key = try await prover.key(of: session) else { return try await answer(to: request) }

        let token = session.accessToken
        let proven = try await prover.proven(request, by: key, accessToken: token, at: renewal.serverTime())
        let first = try await answer(to: proven.request)
        let moment = prover.correction(after: first.0, to: proven, errors: challengeErrors(first.0, .dpop))
        guard let moment, call.isRepeatable else { return first }

        let again = try await prover.proven(request, by: key, accessToken: token, at: moment)
        let second = try await answer(to: again.request)
        _ = prover.correction(after: second.0, to: again, errors: [])
        return second
    }

    /// Runs a step of an exchange, so that what breaks it is one of the client's own errors.
    /// - Throws: ``SignetClientError/network(_:)``; `CancellationError`.
    static func answered<Value>(_ step: () async throws -> Value) async throws -> Value {
        do {
            return try await step()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SignetClientError.noAnswer(error)
        }
    }
}
