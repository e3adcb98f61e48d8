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
                })
            return RenewalAnswer(answer, for: session)
        } catch {
            return .unknown(error as? SignetClientError ?? .noAnswer(error), pause: nil)
        }
    }

    /// One request with a form to the server itself.
    func post(_ path: String, key: IdempotencyKey? = nil, _ form: Data) async throws -> ServerAnswer {
        var fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"]
        fields.setIdempotencyKey(key?.text.reveal { "\"\($0)\"" })
        return try await send(try server.request(.post, path, fields), form, within: .seconds(10))
    }

    /// One request to the server itself, while the store's lock is held: its whole answer must have come in time, for a server that
    /// sends a byte a minute would keep everybody else from the session.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    func send(_ request: HTTPRequest, _ body: Data, within limit: Duration) async throws -> ServerAnswer {
        do {
            let (response, data) = try await clocks.within(limit) { [transport] in
                try await transport.send(request, body: body, timeout: limit)
            }
            return ServerAnswer(response, data)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SignetClientError.noAnswer(error)
        }
    }
}
