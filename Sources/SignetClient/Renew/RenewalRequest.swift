import Foundation
import HTTPTypes
import SignetTokens

extension Renewal {
    /// One request for new tokens, and what its answer means.
    func ask(_ session: StoredSession) async -> RenewalAnswer {
        do {
            let answer = try await post(
                "/oauth/token",
                key: session.idempotencyKey,
                session.refreshToken.reveal { refreshToken in
                    formEncoded([
                        "grant_type": "refresh_token", "refresh_token": copy refreshToken,
                        "client_id": session.clientID.description, "user_id": session.userID.description,
                    ])
                },
                provenBy: prover.key(of: session))
            return RenewalAnswer(answer, for: session)
        } catch {
            return .unknown(error as? SignetClientError ?? .noAnswer(error), pause: nil)
        }
    }

    /// One request with a form to the server itself.
    func post(
        _ path: String, key: IdempotencyKey? = nil, _ form: Data, provenBy proofKey: (any ProofKey)? = nil
    ) async throws -> ServerAnswer {
        var fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"]
        fields.setIdempotencyKey(key?.text.reveal { "\"\($0)\"" })
        return try await send(try server.request(.post, path, fields), form, within: .seconds(10), provenBy: proofKey)
    }
}
