import NIOHTTP1
import SignetTestKit
import SignetTokens
import Testing

@testable import signet

private let token = WatchedClient.refreshToken(1, 3)
private let renewalForm = "grant_type=refresh_token&refresh_token=\(token)"

@Suite("What the proxy reads of a request and of an answer")
struct SeenRequestTests {

    @Test(
        "a refresh token is misplaced in a URL, in a header field, and in the body of any request but those that need one",
        arguments: [
            ("GET", "/v1/account?refresh_token=\(token)", "", "", true),
            ("POST", "/oauth/token?refresh_token=\(token)", "", renewalForm, true),
            ("GET", "/v1/account", "Bearer \(token)", "", true), ("POST", "/v1/notes", "", "{\"token\":\"\(token)\"}", true),
            ("GET", "/v1/account?refresh_token=\(token.prefix(60))", "", "", true),
            ("GET", "/v1/account?prefix=sgr1_", "", "", false),
            ("POST", "/oauth/token", "", renewalForm, false), ("POST", "/tenant/oauth/token", "", renewalForm, false),
            ("POST", "/oauth/revoke", "", "token=\(token)", false), ("POST", "/oauth/introspect", "", "token=\(token)", false),
            ("POST", "/v1/sessions", "", "{\"refresh_token\":\"\(token)\"}", false),
            ("GET", "/v1/account", "Bearer eyJhbGciOi", "", false),
        ] as [(String, String, String, String, Bool)])
    func misplaced(method: String, path: String, authorization: String, body: String, isMistake: Bool) {
        var client = WatchedClient(allowing: [.keyless])
        client.send(method, path, authorization.isEmpty ? [] : [("Authorization", authorization)], body)

        #expect(client.mistakes == (isMistake ? [.misplacedToken] : []))
        for finding in client.judge.findings { #expect(!finding.evidence.contains("sgr1_"), "\(finding.evidence)") }
    }

    @Test("of a path nothing is shown that could be a token or steer a terminal")
    func line() {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/a\u{1B}[2J/\(token)/b?access_token=secret")

        #expect(SeenRequest(head, body: []).line == "GET /a[2J/…/b")
    }

    @Test("a form's fields are unescaped, and a key is the same in the header, in quotes and in the form")
    func form() throws {
        let escaped = token.replacing("_", with: "%5f")
        let key = "a-key-of-22-characters"
        let inHeader = Self.renewal("grant_type=refresh%5Ftoken&refresh_token=\(escaped)", [("idempotency-key", "\"\(key)\"")])
        let inForm = Self.renewal(renewalForm + "&idempotency_key=\(key)&client_id=notes+app", [])

        let (first, second) = (try #require(inHeader), try #require(inForm))
        #expect(first.token == second.token)
        #expect(first.token == TokenMark(Secret(token)))
        #expect(first.key == second.key)
        #expect(first.key?.isWellFormed == true)
        #expect(second.clientID == "notes app")
    }

    @Test("other grants, and other methods, are no renewals")
    func otherGrants() {
        #expect(Self.renewal("grant_type=client_credentials&refresh_token=\(token)", []) == nil)
        #expect(!SeenRequest(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/oauth/token"), body: []).isRenewal)
    }

    @Test(
        "only a well-formed 400 with invalid_grant ends a session",
        arguments: [
            (400, "application/json", "{\"error\":\"invalid_grant\"}", true),
            (400, "application/json; charset=utf-8", "{\"error\":\"invalid_grant\",\"reason\":\"reused\"}", true),
            (400, "text/html", "{\"error\":\"invalid_grant\"}", false),
            (401, "application/json", "{\"error\":\"invalid_grant\"}", false),
            (400, "application/json", "{\"error\":\"invalid_request\"}", false),
            (400, "application/json", "invalid_grant", false),
        ] as [(Int, String, String, Bool)])
    func endsSession(status: Int, type: String, body: String, ends: Bool) {
        #expect(Self.answer(status, type, body).endsSession == ends)
    }

    @Test(
        "a reason is repeated only when it is a plain word: a broken server may echo a token",
        arguments: [token, "sgr1_abc", "Reused", "", String(repeating: "a", count: 41)])
    func reason(text: String) throws {
        let answer = Self.answer(400, "application/json", "{\"error\":\"invalid_grant\",\"reason\":\"\(text)\"}")

        guard case .refusal("invalid_grant", nil) = answer.meaning else { throw Unexpected() }
    }

    private struct Unexpected: Error {}

    private static func renewal(
        _ form: String, _ fields: [(String, String)]
    ) -> (token: TokenMark?, key: KeyMark?, clientID: String?)? {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/oauth/token", headers: HTTPHeaders(fields))
        guard case .renewal(let token, let key, let clientID) = SeenRequest(head, body: Array(form.utf8)).purpose else {
            return nil
        }
        return (token, key, clientID)
    }

    private static func answer(_ status: Int, _ type: String, _ body: String) -> SeenAnswer {
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: ["Content-Type": type])
        return SeenAnswer(head, body: Array(body.utf8))
    }
}
