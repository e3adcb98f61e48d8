import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// `GET /v1/sessions…`: a person's devices.
struct SessionsEndpoint: Sendable {
    private static let pageLength = 50

    let caller: AuthenticateCaller
    let store: any SessionStore
    let defaults: PolicyDefaults

    /// `GET /v1/sessions[?after=ID]`: at most fifty, oldest first; `next` is there when there are more.
    func list(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request.headers), scope: "account")
        var cursor: SessionID?
        if let after = request.uri.queryParameters["after"] {
            guard let id = SessionID(after) else { throw CursorRefusal() }
            cursor = id
        }
        let page = try await store.sessions(of: caller.userID, after: cursor, limit: Self.pageLength + 1, defaults: defaults)
        var body = JSONObject()
        body["sessions"] = .array(page.prefix(Self.pageLength).map { Self.json($0.session, current: caller.sessionID) })
        if page.count > Self.pageLength { body["next"] = .string(page[Self.pageLength - 1].session.id.description) }
        return Response(.ok, json: .object(body))
    }

    /// `GET /v1/sessions/{id}`.
    func show(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request.headers), scope: "account")
        guard let id = context.parameters.get("id").flatMap({ SessionID($0) }),
            let standing = try await store.standing(of: id, user: caller.userID, defaults: defaults), standing.ending == nil
        else { throw SessionNotFound() }
        return Response(.ok, json: Self.json(standing.session, current: caller.sessionID))
    }

    private static func json(_ session: Session, current: SessionID) -> JSONValue {
        var body = JSONObject()
        body["id"] = .string(session.id.description)
        body["device_name"] = session.deviceName.map(JSONValue.string)
        body["client_id"] = .string(session.row.clientID.description)
        body["created_at"] = .string(session.row.createdAt.rfc3339)
        body["last_renewed_at"] = .string(session.row.lastRenewedAt.rfc3339)
        body["address"] = session.origin.address.map(JSONValue.string)
        body["user_agent"] = session.origin.userAgent.map(JSONValue.string)
        body["amr"] = .array(session.authenticationMethods.map(JSONValue.string))
        body["is_current"] = .bool(session.id == current)
        return .object(body)
    }
}

/// The place in the list from which to go on is none.
struct CursorRefusal: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "The parameter after must be the value of next of the page before." }
    var reason: String { "malformed_cursor" }
    var tellsReason: Bool { false }
}
