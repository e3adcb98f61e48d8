import Hummingbird
import SignetSessions
import SignetTokens

/// `GET /v1/account`: who am I.
struct AccountEndpoint: Sendable {
    let caller: AuthenticateCaller

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request), scope: "account")
        return Response(
            .ok,
            json: [
                "user_id": .string(caller.userID.description), "username": .string(caller.standing.username),
                "roles": .array(caller.standing.roles.map(JSONValue.string)), "session_id": .string(caller.sessionID.description),
                "client_id": .string(caller.token.clientID), "scope": .string(caller.token.scope.description),
            ]
        )
    }
}
