import NIOCore
import NIOHTTP1
import SignetTestKit
import SignetTokens

@testable import signet

/// Plays a client, its server and the network between them to a judge: each request as it would come over the wire, each answer likewise.
struct WatchedClient {
    /// What came of a request.
    enum Result {
        /// The server answers with tokens, which arrive, or do not.
        case given, lost
        /// The server answers with tokens, and the client gets somebody else's answer.
        case replaced(FakedAnswer)
        /// The server says no.
        case refused(Int, error: String, reason: String? = nil, retryAfter: Int? = nil)
        /// Nobody could be asked.
        case unreachable
    }

    private(set) var judge: ClientJudge
    private(set) var now = UnixTime(milliseconds: 1_800_000_000_000)
    private(set) var number = 0
    /// How long access tokens live.
    var lifetime = 300
    private var asked: [Int: (session: UInt8, generation: UInt32)] = [:]

    init(allowing allowed: Set<Mistake> = []) {
        judge = ClientJudge(allowing: allowed)
    }

    /// The names of what was found, in the order in which it was.
    var mistakes: [Mistake] { judge.findings.map(\.mistake) }

    /// Time passes.
    mutating func wait(_ duration: Duration) {
        now = now.advanced(by: duration)
    }

    /// Asks for a renewal, and returns the request's number.
    @discardableResult
    mutating func ask(
        _ generation: UInt32, key: String?, of session: UInt8 = 1, inField: Bool = false, fault: Fault = .none
    ) -> Int {
        var form = "grant_type=refresh_token&client_id=notes-app&refresh_token=\(Self.refreshToken(session, generation))"
        if inField, let key { form += "&idempotency_key=\(key)" }
        let number = send("POST", "/oauth/token", inField ? [] : key.map { [("Idempotency-Key", $0)] } ?? [], form, fault: fault)
        asked[number] = (session, generation)
        return number
    }

    /// What came of a renewal.
    mutating func end(_ number: Int, _ result: Result) {
        let (session, generation) = asked[number] ?? (1, 0)
        end(number, result, tokens: Self.tokens(session, generation + 1, lifetime: lifetime))
    }

    /// The client closes its connection.
    mutating func leave(_ number: Int) {
        _ = judge.see(.left(number), at: now)
    }

    /// Asks for a renewal, and at once something comes of it.
    mutating func renew(_ generation: UInt32, key: String?, of session: UInt8 = 1, _ result: Result = .given) {
        end(ask(generation, key: key, of: session), result)
    }

    /// Renews shortly before the access token expires, again and again, with a new key each time.
    mutating func renewInTime(_ generations: Range<UInt32>, of session: UInt8 = 1) {
        for generation in generations {
            wait(.seconds(lifetime - 20))
            renew(generation, key: Self.key(generation), of: session)
        }
    }

    /// Signs in, which opens the session of that number, or does not.
    mutating func signIn(
        _ session: UInt8 = 1, device: String? = nil, replacing old: (UInt8, UInt32)? = nil, _ result: Result = .given
    ) {
        var json = "{\"username\":\"ada\",\"password\":\"\(TestPassword.of("ada"))\",\"client_id\":\"notes-app\""
        if let device { json += ",\"device_name\":\"\(device)\"" }
        if let old { json += ",\"refresh_token\":\"\(Self.refreshToken(old.0, old.1))\"" }
        let number = send("POST", "/v1/sessions", [("Content-Type", "application/json")], json + "}")
        end(number, result, tokens: Self.tokens(session, 0, lifetime: lifetime), status: 201)
    }

    /// Calls one of the server's own doors with the access token of a generation.
    mutating func call(_ generation: UInt32, of session: UInt8 = 1, rejected: Bool = false, faked: FakedAnswer? = nil) {
        let number = send("GET", "/v1/account", [("Authorization", "Bearer \(Self.accessToken(session, generation))")])
        let status: HTTPResponseStatus = rejected ? .unauthorized : .ok
        let fields: HTTPHeaders = rejected ? ["WWW-Authenticate": "Bearer realm=\"signet\", error=\"invalid_token\""] : [:]
        let answer = SeenAnswer(HTTPResponseHead(version: .http1_1, status: status, headers: fields), body: [])
        let arrival = faked.map { Arrival.replaced(SeenAnswer($0.answer.head, body: $0.answer.body.readableBytesView)) }
        _ = judge.see(.answered(number, by: answer, arrival ?? .whole), at: now)
    }

    /// Gives the refresh token back.
    mutating func signOut(_ generation: UInt32, of session: UInt8 = 1) {
        let number = send("POST", "/oauth/revoke", [], "token=\(Self.refreshToken(session, generation))")
        let answer = SeenAnswer(HTTPResponseHead(version: .http1_1, status: .ok), body: [])
        _ = judge.see(.answered(number, by: answer, .whole), at: now)
    }

    /// Sends any request, and returns its number.
    @discardableResult
    mutating func send(
        _ method: String, _ path: String, _ fields: [(String, String)] = [], _ body: String = "", fault: Fault = .none
    ) -> Int {
        number += 1
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: HTTPHeaders(fields))
        _ = judge.see(.asked(number, SeenRequest(head, body: Array(body.utf8)), fault), at: now)
        return number
    }

    /// A session's refresh token; sessions are told apart by a number, and all are ada's.
    static func refreshToken(_ session: UInt8, _ generation: UInt32) -> String {
        let count = (0..<4).map { UInt8(truncatingIfNeeded: generation >> (24 - 8 * $0)) }
        let bytes =
            [1] + [UInt8](repeating: 7, count: 16) + [UInt8](repeating: session, count: 16) + count
            + [UInt8](repeating: 9, count: 48)
        return "sgr1_" + Base64URL.string(bytes)
    }

    /// An access token of a session and the refresh token's generation with which it came.
    static func accessToken(_ session: UInt8, _ generation: UInt32) -> String { "access-\(session)-\(generation)" }

    /// A key for the token of a generation.
    static func key(_ generation: UInt32) -> String { "the-key-of-generation-\(generation)" }

    private mutating func end(_ number: Int, _ result: Result, tokens: String, status: Int = 200) {
        let answer = Self.json(status, tokens)
        let event: (SeenAnswer?, Arrival) =
            switch result {
            case .given: (answer, .whole)
            case .lost: (answer, .lost)
            case .replaced(let faked):
                (
                    faked.reachesServer ? answer : nil,
                    .replaced(SeenAnswer(faked.answer.head, body: faked.answer.body.readableBytesView))
                )
            case .refused(let status, let error, let reason, let retryAfter):
                (
                    Self.json(
                        status, "{\"error\":\"\(error)\"\(reason.map { ",\"reason\":\"\($0)\"" } ?? "")}", retryAfter: retryAfter),
                    .whole
                )
            case .unreachable: (nil, .unreachable)
            }
        _ = judge.see(.answered(number, by: event.0, event.1), at: now)
    }

    private static func tokens(_ session: UInt8, _ generation: UInt32, lifetime: Int) -> String {
        """
        {"access_token":"\(accessToken(session, generation))","token_type":"Bearer","expires_in":\(lifetime),\
        "refresh_token":"\(refreshToken(session, generation))"}
        """
    }

    private static func json(_ status: Int, _ body: String, retryAfter: Int? = nil) -> SeenAnswer {
        var fields: HTTPHeaders = ["Content-Type": "application/json"]
        if let retryAfter { fields.add(name: "Retry-After", value: "\(retryAfter)") }
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
        return SeenAnswer(head, body: Array(body.utf8))
    }
}
