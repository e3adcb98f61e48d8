import HTTPTypes
import Hummingbird
import Logging
import SignetSessions
import SignetTokens

/// `DELETE /v1/sessions…`: a person signs out this device, another one, the others, or all.
struct DeleteSessionsEndpoint: Sendable {
    let caller: AuthenticateCaller
    let store: any SessionStore
    let facts: RequestFacts

    /// `DELETE /v1/sessions/{id}`.
    func one(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request), scope: "account")
        guard let session = context.parameters.get("id").flatMap({ SessionID($0) }) else { throw SessionNotFound() }
        let outcome = try await store.revokeSession(
            SessionRevocation(
                sessionID: session, userID: caller.userID, ending: session == caller.sessionID ? .signedOut : .revokedByUser,
                actor: .user,
                origin: facts.origin(of: request, context)
            )
        )
        guard outcome != .unknown else { throw SessionNotFound() }
        context.logger.info("Signed out", metadata: ["user.id": "\(caller.userID)", "session.id": "\(session)"])
        return Response(status: .noContent)
    }

    /// `DELETE /v1/sessions?keep=current` or `?all=true`: nothing is ended by leaving the choice open.
    func all(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request), scope: "account")
        let query = request.uri.queryParameters
        let kept: SessionID?
        switch (query["keep"].map(String.init), query["all"].map(String.init)) {
        case ("current", nil): kept = caller.sessionID
        case (nil, "true"): kept = nil
        default: throw WhichSessionsRefusal()
        }
        let count = try await store.revokeSessions(
            UserRevocation(
                userID: caller.userID, keeping: kept, askedFrom: caller.sessionID, ending: .revokedByUser, actor: .user,
                origin: facts.origin(of: request, context)
            )
        )
        context.logger.info("Signed out", metadata: ["user.id": "\(caller.userID)", "count": "\(count)"])
        return Response(status: .noContent)
    }
}

/// The person has no such session; another person's is answered alike.
struct SessionNotFound: Refusal {
    var code: RefusalCode { .notFound }
    var sentence: String { "There is no such session." }
    var reason: String { "unknown_session" }
    var tellsReason: Bool { false }
}

/// It was not said which sessions are meant.
struct WhichSessionsRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "Say which sessions to end: keep=current ends the others, all=true ends every one." }
    var reason: String { "which_sessions" }
    var tellsReason: Bool { false }
}
