import Foundation
import HTTPTypes
import SignetTokens

extension SignetClient: AuthorizedClient {
    /// Calls as the person who is signed in.
    public var calls: AuthorizedCalls {
        let proofs = CallProofs(prover: prover) { [renewal] in await renewal.serverTime() }
        return AuthorizedCalls(transport: transport, origins: origins, proofs: proofs) { [renewal] rejected, limit in
            let session = try await renewal.session(rejecting: rejected?.session, within: limit)
            return AuthorizedCalls.Credential(accessToken: session.accessToken, session: session)
        }
    }

    /// The answer to one of the server's own doors, called with the access token.
    func ask(_ request: HTTPRequest, json: JSONValue? = nil) async throws -> ServerAnswer {
        let (response, body, _) = try await calls.call(
            OutgoingCall(request: request, body: json.map { .data(Data($0.bytes)) } ?? .empty))
        return ServerAnswer(response, try await answered { try await body.collect() })
    }
}
