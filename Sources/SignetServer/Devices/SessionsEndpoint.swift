import HTTPTypes
import Hummingbird
import Logging
import SignetSessions
import SignetTokens

/// `GET` and `PATCH /v1/sessions…`: a person's devices.
struct SessionsEndpoint: Sendable {
    private static let pageLength = 50

    let caller: AuthenticateCaller
    let store: any SessionStore
    let defaults: PolicyDefaults
    let facts: RequestFacts

    /// `GET /v1/sessions[?after=ID]`: at most fifty, oldest first; `next` is there when there are more.
    func list(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request), scope: "account")
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
        let caller = try await caller(BearerToken.read(from: request), scope: "account")
        guard let id = context.parameters.get("id").flatMap({ SessionID($0) }),
            let standing = try await store.standing(of: id, user: caller.userID, defaults: defaults), standing.ending == nil
        else { throw SessionNotFound() }
        return Response(.ok, json: Self.json(standing.session, current: caller.sessionID))
    }

    /// `PATCH /v1/sessions/{id}` with `{"device_name"}`: the person calls the device something else.
    func rename(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let caller = try await caller(BearerToken.read(from: request), scope: "account")
        let body = try await JSONBody(reading: request)
        guard let name = DeviceName(try body.required("device_name")) else { throw JSONBodyRefusal.unreadable("device_name") }
        guard let id = context.parameters.get("id").flatMap({ SessionID($0) }),
            let standing = try await store.renameSession(
                SessionRenaming(
                    sessionID: id, userID: caller.userID, name: name, defaults: defaults,
                    origin: facts.origin(of: request, context)
                ))
        else { throw SessionNotFound() }
        context.logger.info("Renamed a device", metadata: ["user.id": "\(caller.userID)", "session.id": "\(id)"])
        return Response(.ok, json: Self.json(standing.session, current: caller.sessionID))
    }

    private static func json(_ session: Session, current: SessionID) -> JSONValue {
        var body = JSONObject()
        body["id"] = .string(session.id.description)
        body["device_name"] = session.deviceName.map { .string($0.description) }
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
