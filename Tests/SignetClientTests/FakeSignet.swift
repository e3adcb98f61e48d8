import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetClient

/// A Signet server in memory, behind a ``Transport``: its renewals are decided by ``SessionRow/decision(for:row:policy:recovery:now:)`` itself.
final class FakeSignet: Transport {
    /// What goes wrong with one request.
    enum Fault: Sendable {
        /// The server never sees it.
        case loseRequest
        /// The server does as asked, and nobody hears of it.
        case loseAnswer
        /// The connection fails.
        case fail(TransportError)
        /// Something else answers, and the server never sees it.
        case answer(Int, HTTPFields, String)
    }

    struct Recorded: Sendable {
        let request: HTTPRequest
        let body: String

        var path: String { request.path ?? "" }

        func form(_ name: String) -> String? {
            body.split(separator: "&").first { $0.hasPrefix(name + "=") }
                .flatMap { $0.dropFirst(name.count + 1).removingPercentEncoding }
        }
    }

    struct State: Sendable {
        var users: [String: UserID] = [:]
        var rows: [SessionID: SessionRow] = [:]
        var accessTokens: [String: (session: SessionID, expiresAt: UnixTime)] = [:]
        var requests: [Recorded] = []
        var faults: [(path: String, fault: Fault)] = []
        var lifetime: Int64 = 300
        var policy = RenewalPolicy()
        var nextNumber = 0
        /// Another server in front, that answers what this one does not know; `nil` for what is left to this one.
        var front: (@Sendable (Recorded) -> (HTTPResponse, Data)?)?
    }

    static let origin = "https://id.example.com"
    static let password = TestPassword.of("ada")

    let clock = ManualClock()
    private let state = Mutex(State())
    /// Where a test holds renewals back.
    let gate = Gate()

    private let key = RefreshKey(version: 1, material: Secret([UInt8](repeating: 7, count: 32)))
    private let salt = DatabaseSalt(Secret([UInt8](repeating: 9, count: 32)))
    private let randomBytes = seededRandomBytes(1)

    /// Looks at the server's state, or changes it.
    func with<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// What arrives at the token endpoint, in order.
    var renewals: [Recorded] { requests("/oauth/token") }

    func requests(_ path: String) -> [Recorded] { state.withLock { $0.requests.filter { $0.path == path } } }

    func script(_ path: String, _ faults: Fault...) {
        state.withLock { $0.faults += faults.map { (path, $0) } }
    }

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        try Task.checkCancellation()
        let recorded = Recorded(request: request, body: String(decoding: body ?? Data(), as: UTF8.self))
        if recorded.path == "/oauth/token" { await gate.pass() }
        let fault = state.withLock { state -> Fault? in
            state.requests.append(recorded)
            guard let index = state.faults.firstIndex(where: { $0.path == recorded.path }) else { return nil }
            return state.faults.remove(at: index).fault
        }
        switch fault {
        case .loseRequest: throw TransportError("lost on the way there")
        case .fail(let error): throw error
        case .loseAnswer:
            _ = answerInFront(recorded)
            throw TransportError("lost on the way back")
        case .answer(let status, let fields, let text):
            return (HTTPResponse(status: .init(code: status), headerFields: fields), Data(text.utf8))
        case nil: return answerInFront(recorded)
        }
    }

    private func answerInFront(_ request: Recorded) -> (HTTPResponse, Data) {
        let front = state.withLock(\.front)
        return front?(request) ?? answer(request)
    }

    /// The answer to a request, as if nobody stood in front.
    func answer(_ request: Recorded) -> (HTTPResponse, Data) {
        switch (request.request.method, request.path) {
        case (.post, "/v1/sessions"): signIn(request)
        case (.post, "/oauth/token") where request.form("grant_type") == "client_credentials": clientToken(request)
        case (.post, "/oauth/token"): renew(request)
        case (.post, "/oauth/revoke"): revoke(request)
        case (.get, "/v1/sessions"): authorized(request) { session in self.list(session) }
        case (.patch, _): authorized(request) { session in self.rename(request, session) }
        case (.delete, _): authorized(request) { _ in self.delete(request) }
        default: authorized(request) { _ in self.json(200, ["path": .string(request.path), "body": .string(request.body)]) }
        }
    }

    private func signIn(_ request: Recorded) -> (HTTPResponse, Data) {
        let object = (try? JSONValue(parsing: request.body.utf8))?.object
        guard object?["password"]?.string == Self.password else {
            return json(401, ["title": "Unauthorized", "status": 401], type: "application/problem+json")
        }
        let old = object?["refresh_token"]?.string.flatMap { RefreshToken(parsing: Secret($0)) }
        return openSession(of: object?["username"]?.string ?? "", insteadOf: old)
    }

    /// The answer to a sign-in that was confirmed.
    func openSession(of name: String = "", insteadOf old: RefreshToken? = nil, status: Int = 201) -> (HTTPResponse, Data) {
        let session = SessionID.timeOrdered(at: clock.now, randomBytes)
        let user = state.withLock { state in
            let user = state.users[name] ?? .random(randomBytes)
            state.users[name] = user
            return user
        }
        let token = RefreshToken(first: user, session: session, key: key, randomBytes)
        let row = SessionRow(
            current: token.hash, keyVersion: 1, rotatedAt: clock.now, clientID: .signet, scope: "account", resources: [],
            createdAt: clock.now, lastRenewedAt: clock.now)
        state.withLock { state in
            if let old { state.rows[old.sessionID]?.ending = .replaced }
            state.rows[session] = row
        }
        return tokens(status, token)
    }

    private func renew(_ request: Recorded) -> (HTTPResponse, Data) {
        guard request.form("grant_type") == "refresh_token", let text = request.form("refresh_token"),
            let token = RefreshToken(parsing: Secret(text)), token.isGenuine(under: key)
        else {
            return json(400, ["error": "invalid_grant"])
        }
        let header = HTTPField.Name("Idempotency-Key").flatMap { request.request.headerFields[$0] }
        let presented = PresentedToken(
            token, idempotencyKey: header.flatMap { IdempotencyKey(Secret($0)) }, nonce: RequestNonce(randomBytes),
            clientID: request.form("client_id").flatMap(ClientID.init), namedUser: UserSentAlong(request.form("user_id")))
        let successor = token.successor(under: key, salt: salt.salt(of: token.sessionID))
        let now = clock.now
        let decision = state.withLock { state in
            let row = state.rows[token.sessionID]
            let decision = SessionRow.decision(for: presented, row: row, policy: state.policy, now: now)
            state.rows[token.sessionID] = row?.applying(
                decision, of: presented, successor: successor.hash, keyVersion: 1, now: now)
            return decision
        }
        switch decision {
        case .rotate, .repeatSuccessor, .recover: return tokens(200, successor)
        case .keepToken: return tokens(200, token)
        case .tryAgain:
            return json(503, ["error": "temporarily_unavailable", "reason": "raced"], fields: [.retryAfter: "1"])
        case .ahead: return json(503, ["error": "temporarily_unavailable", "reason": "ahead"], fields: [.retryAfter: "30"])
        case .revoke: return json(400, ["error": "invalid_grant", "reason": "reused"])
        case .refuse(let end): return json(400, ["error": "invalid_grant", "reason": .string(end.rawValue)])
        case .declined, .mismatch: return json(400, ["error": "invalid_grant", "reason": "mismatch"])
        case .staleIdempotencyKey: return json(400, ["error": "invalid_request"])
        }
    }

    private func revoke(_ request: Recorded) -> (HTTPResponse, Data) {
        if let token = request.form("token").flatMap({ RefreshToken(parsing: Secret($0)) }) {
            state.withLock { $0.rows[token.sessionID]?.ending = .signedOut }
        }
        return (HTTPResponse(status: .ok), Data())
    }

    private func list(_ current: SessionID) -> (HTTPResponse, Data) {
        let sessions = state.withLock { state in
            state.rows.filter { $0.value.ending == nil }.keys.sorted().map { id -> JSONValue in
                ["id": .string(id.description), "device_name": "A device", "is_current": .bool(id == current)]
            }
        }
        return json(200, ["sessions": .array(sessions)])
    }

    private func rename(_ request: Recorded, _ current: SessionID) -> (HTTPResponse, Data) {
        let id = SessionID(request.path.dropFirst("/v1/sessions/".count))
        let name = (try? JSONValue(parsing: request.body.utf8))?.object?["device_name"]?.string
        guard let id, state.withLock({ $0.rows[id] }) != nil else {
            return json(404, ["status": 404], type: "application/problem+json")
        }
        guard let name, !name.isEmpty else {
            return json(400, ["status": 400, "detail": "The member device_name is malformed."], type: "application/problem+json")
        }
        return json(
            200, ["id": .string(id.description), "device_name": .string(name), "is_current": .bool(id == current)])
    }

    private func delete(_ request: Recorded) -> (HTTPResponse, Data) {
        let id = SessionID(request.path.dropFirst("/v1/sessions/".count))
        let wasThere = state.withLock { state in
            guard let id, state.rows[id] != nil else { return false }
            state.rows[id]?.ending = .revokedByUser
            return true
        }
        return wasThere
            ? (HTTPResponse(status: .noContent), Data()) : json(404, ["status": 404], type: "application/problem+json")
    }

    private func authorized(_ request: Recorded, _ body: (SessionID) -> (HTTPResponse, Data)) -> (HTTPResponse, Data) {
        let text = request.request.headerFields[.authorization].map { String($0.dropFirst("Bearer ".count)) }
        guard let text, let token = state.withLock({ $0.accessTokens[text] }), clock.now < token.expiresAt else {
            return json(401, [:], fields: [.wwwAuthenticate: #"Bearer realm="signet", error="invalid_token""#])
        }
        return body(token.session)
    }

    private func tokens(_ status: Int, _ refreshToken: RefreshToken) -> (HTTPResponse, Data) {
        let now = clock.now
        let (text, lifetime) = state.withLock { state in
            state.nextNumber += 1
            let text = "eyJ.access.\(state.nextNumber)"
            state.accessTokens[text] = (refreshToken.sessionID, now.advanced(by: .seconds(state.lifetime)))
            return (text, state.lifetime)
        }
        return json(
            status,
            [
                "access_token": .string(text), "token_type": "Bearer", "expires_in": .integer(lifetime),
                "refresh_token": refreshToken.text.reveal { .string($0) }, "scope": "account",
                "user_id": .string(refreshToken.userID.description), "session_id": .string(refreshToken.sessionID.description),
            ])
    }

    func json(
        _ status: Int, _ value: JSONValue, type: String = "application/json", fields: HTTPFields = [:]
    ) -> (HTTPResponse, Data) {
        var fields = fields
        fields[.contentType] = type
        fields[.date] = httpDate(clock.now)
        return (HTTPResponse(status: .init(code: status), headerFields: fields), Data(value.bytes))
    }
}

/// The form of every `Date` header.
func httpDate(_ moment: UnixTime) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: moment.date)
}
