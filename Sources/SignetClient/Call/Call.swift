import Foundation
import HTTPTypes
import SignetTokens

extension SignetClient {
    /// One call with the access token, sent once more with a renewed one if the token is refused; the answer as it arrives,
    /// and where it came from after redirects.
    func call(_ call: OutgoingCall) async throws -> (HTTPResponse, ResponseBody, URL?) {
        let session = try await renewal.session(within: call.timeout)
        let answer = try await send(call, session.accessToken)
        guard rejectsAccessToken(answer.0) else { return answer }

        let renewed = try await renewal.session(rejecting: session, within: call.timeout)
        return call.isRepeatable ? try await send(call, renewed.accessToken) : answer
    }

    /// The answer to one of the server's own doors, called with the access token.
    func ask(_ request: HTTPRequest, json: JSONValue? = nil) async throws -> ServerAnswer {
        let (response, body, _) = try await call(
            OutgoingCall(request: request, body: json.map { .data(Data($0.bytes)) } ?? .empty))
        return ServerAnswer(response, try await Self.answered { try await body.collect() })
    }

    private func send(_ call: OutgoingCall, _ token: Secret<String>) async throws -> (HTTPResponse, ResponseBody, URL?) {
        var next = Redirection(request: call.request, body: call.body)
        for _ in 0..<5 {
            var outgoing = next.request
            outgoing.headerFields[.authorization] = token.reveal { "Bearer \($0)" }
            let (response, body) = try await Self.answered {
                try await transport.open(outgoing, body: next.body, timeout: call.timeout)
            }
            guard let further = next.followed(to: response), call.isRepeatable || further.body.isEmpty else {
                return (response, body, next.url)
            }
            next = further
        }
        throw SignetClientError.network(TransportError("too many redirects"))
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
