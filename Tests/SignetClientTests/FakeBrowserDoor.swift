import Crypto
import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetClient

/// The authorization endpoint and the code grant of a server (RFC 6749, 7636, 9207), in front of a ``FakeSignet``, strict about what
/// a client must send.
final class FakeBrowserDoor: Sendable {
    /// What a code is bound to.
    struct Code {
        let redirectURL: String
        let challenge: String
        let nonce: String?
        let scope: String?
        /// The session that it has bought.
        var session: SessionID?
        var isSpent = false
    }

    struct State {
        var codes: [String: Code] = [:]
        /// What the authorization endpoint was asked, as it came.
        var requests: [[String: String]] = []
        /// What is different in the id tokens that are made.
        var forgedClaims: JSONObject?
        /// The error that the person's page ends with.
        var error: String?
    }

    /// The path that the client is registered for; the port may be any (RFC 8252, section 7.3).
    static let path = "/callback"

    private let signet: FakeSignet
    private let key = SigningKey(edDSA: Curve25519.Signing.PrivateKey())
    private let randomBytes = seededRandomBytes(77)
    private let state = Mutex(State())

    init(_ signet: FakeSignet) {
        self.signet = signet
        signet.with { state in state.front = { [self] in answer($0) } }
    }

    func with<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// What a browser does with the request's URL, and a person who says yes: where the server sends it.
    /// - Returns: `nil` when the server shows an error page instead (RFC 6749, section 4.1.2.1).
    func visit(_ url: URL) -> URL? {
        let items = URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems ?? []
        let query = Dictionary(items.map { ($0.name, $0.value ?? "") }) { _, _ in "twice" }
        with { $0.requests.append(query) }
        guard url.absoluteString.hasPrefix(FakeSignet.origin + "/oauth/authorize?"), query["response_type"] == "code",
            query["client_id"] == "signet", query["code_challenge_method"] == "S256", query["code_challenge"]?.utf8.count == 43,
            let state = query["state"], state.utf8.count >= 22, let redirect = query["redirect_uri"],
            let redirectURL = URL(string: redirect), redirectURL.host() == "127.0.0.1", redirectURL.path() == Self.path
        else {
            return nil
        }
        var answer = "\(redirect)?state=\(percentEncoded(state))&iss=\(percentEncoded(FakeSignet.origin))"
        if let error = with(\.error) {
            answer += "&error=\(error)&error_description=because+it+is"
        } else {
            let code = Base64URL.string(randomBytes(16))
            with {
                $0.codes[code] = Code(
                    redirectURL: redirect, challenge: query["code_challenge"] ?? "", nonce: query["nonce"], scope: query["scope"])
            }
            answer += "&code=\(code)"
        }
        return URL(string: answer)
    }

    private func answer(_ request: FakeSignet.Recorded) -> (HTTPResponse, Data)? {
        guard request.path == "/oauth/token", request.form("grant_type") == "authorization_code" else { return nil }
        let code = request.form("code") ?? ""
        let entry = state.withLock { state in
            defer { state.codes[code]?.isSpent = true }
            return state.codes[code]
        }
        let verifier = request.form("code_verifier").flatMap { CodeVerifier(Secret($0)) }
        guard let entry, verifier?.challenge == entry.challenge, request.form("redirect_uri") == entry.redirectURL,
            request.form("client_id") == "signet"
        else {
            return signet.json(400, ["error": "invalid_grant"])
        }
        guard !entry.isSpent else {
            // A second use ends what the first has bought (RFC 6749, section 4.1.2).
            if let session = entry.session { signet.with { $0.rows[session]?.ending = .reused } }
            return signet.json(400, ["error": "invalid_grant"])
        }
        let (response, body) = signet.openSession(status: 200)
        guard var object = (try? JSONValue(parsing: body))?.object else { return nil }
        let session = object["session_id"]?.string.flatMap { SessionID($0) }
        with { $0.codes[code]?.session = session }
        if entry.scope?.contains("openid") == true { object["id_token"] = .string(idToken(nonce: entry.nonce)) }
        return (response, Data(JSONValue.object(object).bytes))
    }

    private func idToken(nonce: String?) -> String {
        var claims = JSONObject()
        claims["iss"] = .string(FakeSignet.origin)
        claims["aud"] = "signet"
        claims["sub"] = "ada"
        claims["iat"] = .integer(signet.clock.now.seconds)
        claims["exp"] = .integer(signet.clock.now.seconds + 300)
        claims["nonce"] = nonce.map(JSONValue.string)
        for claim in with(\.forgedClaims)?.members ?? [] { claims[claim.name] = claim.value }
        return (try? CompactJWS.sign(claims, type: "JWT", with: key))?.reveal { copy $0 } ?? ""
    }
}

/// A browser whose every step a test can see and change.
struct FakeBrowser: SignInBrowser {
    let redirectURL: URL
    let show: @Sendable (AuthorizationRequest) async throws -> URL

    func answer(to request: AuthorizationRequest) async throws -> URL { try await show(request) }
}
