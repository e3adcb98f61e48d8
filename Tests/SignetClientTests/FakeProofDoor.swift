import Crypto
import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetClient

/// What a server and an API that know DPoP demand (RFC 9449), in front of a ``FakeSignet`` and whatever stands in front of that.
final class FakeProofDoor: Sendable {
    struct State {
        /// The thumbprint of the key that each session and each access token is bound to.
        var sessions: [SessionID: String] = [:]
        var accessTokens: [String: String] = [:]
        var seenIDs: Set<String> = []
        /// What each origin wants to see in a proof.
        var nonces: [String: String] = [:]
        /// What a client did wrong, one line for each refused proof.
        var complaints: [String] = []
        /// How many proofs were good.
        var accepted = 0
        /// Whether the server binds tokens at all.
        var isBinding = true
    }

    private let signet: FakeSignet
    private let inner: (@Sendable (FakeSignet.Recorded) -> (HTTPResponse, Data)?)?
    private let state = Mutex(State())

    init(_ signet: FakeSignet) {
        self.signet = signet
        inner = signet.with(\.front)
        signet.with { state in state.front = { [self] in answer($0) } }
    }

    func with<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    private struct Refusal: Error {
        let code: String
        var nonce: String?
    }

    private func answer(_ request: FakeSignet.Recorded) -> (HTTPResponse, Data)? {
        do {
            switch request.path {
            case "/oauth/token",
                "/v1/sessions" where request.request.method == .post:
                return try opening(request)
            case "/oauth/revoke", "/oauth/device_authorization": return inner?(request)
            default: return try call(request)
            }
        } catch {
            let refusal = error as? Refusal ?? Refusal(code: "server_error")
            with { $0.complaints.append("\(request.path): \(refusal.code)") }
            var fields = HTTPFields()
            if let name = HTTPField.Name("DPoP-Nonce") { fields[name] = refusal.nonce }
            guard ["/oauth/token", "/v1/sessions"].contains(request.path) else {
                fields[.wwwAuthenticate] = #"DPoP realm="notes", error="\#(refusal.code)", algs="ES256""#
                return signet.json(401, [:], fields: fields)
            }
            return signet.json(400, ["error": .string(refusal.code)], fields: fields)
        }
    }

    /// A request for tokens: what it gets is bound to the key of its proof.
    private func opening(_ request: FakeSignet.Recorded) throws -> (HTTPResponse, Data)? {
        let isBinding = with(\.isBinding)
        let thumbprint = isBinding ? try proof(of: request, accessToken: nil) : nil
        if let text = request.form("refresh_token"), let token = RefreshToken(parsing: Secret(text)) {
            let bound = with { $0.sessions[token.sessionID] }
            guard !isBinding || bound == thumbprint else { throw Refusal(code: "invalid_grant") }
        }
        let (response, body) = inner?(request) ?? signet.answer(request)
        guard let thumbprint, response.status.code < 300, var object = (try? JSONValue(parsing: body))?.object else {
            return (response, body)
        }
        object["token_type"] = "DPoP"
        with { state in
            if let token = object["access_token"]?.string { state.accessTokens[token] = thumbprint }
            if let id = object["session_id"]?.string.flatMap({ SessionID($0) }) { state.sessions[id] = thumbprint }
        }
        return (response, Data(JSONValue.object(object).bytes))
    }

    /// A call of an API, with an access token.
    private func call(_ request: FakeSignet.Recorded) throws -> (HTTPResponse, Data)? {
        let parts = (request.request.headerFields[.authorization] ?? "").split(separator: " ")
        guard parts.count == 2, parts[0] == "DPoP" else {
            let isBound = parts.last.map { token in with { $0.accessTokens[String(token)] } != nil } ?? false
            guard !isBound else { throw Refusal(code: "invalid_token") }
            return inner?(request)
        }
        let token = String(parts[1])
        let thumbprint = try proof(of: request, accessToken: token)
        guard let thumbprint, with({ $0.accessTokens[token] }) == thumbprint else { throw Refusal(code: "invalid_token") }

        var plain = request.request
        plain.headerFields[.authorization] = "Bearer \(token)"
        let (response, body) = signet.answer(FakeSignet.Recorded(request: plain, body: request.body))
        guard response.status.code != 401 else { throw Refusal(code: "invalid_token") }
        return (response, body)
    }

    /// The thumbprint of the key that a request's proof was made with; `nil` when it has none.
    private func proof(of request: FakeSignet.Recorded, accessToken: String?) throws(Refusal) -> String? {
        let bad = Refusal(code: "invalid_dpop_proof")
        guard let name = HTTPField.Name("DPoP") else { throw bad }
        let fields = request.request.headerFields[values: name]
        guard let text = fields.first else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Array($0) }
        guard fields.count == 1, parts.count == 3, let proof = try? CompactJWS(parsing: text.utf8), proof.isOfType("dpop+jwt"),
            proof.algorithm == .es256, let jwk = proof.header["jwk"]?.object, jwk["d"] == nil,
            let key = PublicKey(jwk: jwk), let signature = Base64URL.decode(parts[2]),
            key.verifies(signature, over: parts[0] + [UInt8(ascii: ".")] + parts[1]),
            let claims = (try? JSONValue(parsing: proof.payload))?.object,
            let id = claims["jti"]?.string, (16...256).contains(id.utf8.count)
        else {
            throw bad
        }
        let scheme = request.request.scheme ?? ""
        let authority = request.request.authority ?? ""
        let origin = "\(scheme)://\(authority)"
        guard claims["htm"]?.string == request.request.method.rawValue,
            claims["htu"]?.string == origin + request.path.prefix(while: { $0 != "?" }),
            claims["ath"]?.string == accessToken.map({ DPoPProof.hash(of: Secret($0)) }),
            let issuedAt = claims["iat"]?.integer,
            (-5...60).contains(signet.clock.now.seconds - issuedAt),
            with({ $0.seenIDs.insert(id).inserted })
        else {
            throw bad
        }
        let nonce = with { $0.nonces[origin] }
        if let nonce, claims["nonce"]?.string != nonce { throw Refusal(code: "use_dpop_nonce", nonce: nonce) }
        with { $0.accepted += 1 }
        return key.thumbprint
    }
}
