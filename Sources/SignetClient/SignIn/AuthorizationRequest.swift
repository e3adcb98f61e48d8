public import Foundation
import HTTPTypes
import SignetTokens

/// One sign-in's question to the browser (RFC 6749, section 4.1.1), and what its answer is held against.
public struct AuthorizationRequest: Sendable {
    /// The page that the system's browser has to show.
    public let url: URL
    /// Where the server sends the browser afterwards.
    public let redirectURL: URL

    let verifier: CodeVerifier
    /// What the id token must say, where the scope asks for one.
    let nonce: String?
    private let state: String
    private let issuer: String

    /// A request with a verifier, a state and a nonce of its own.
    /// - Parameter key: the one key with which the code can be exchanged (RFC 9449, section 10).
    /// - Throws: ``SignetClientError/insecure(_:)``.
    init(
        to server: ServerAddress, clientID: ClientID, redirectURL: URL, scope: Scope?, boundTo key: PublicKey? = nil,
        randomBytes: RandomBytes
    ) throws(SignetClientError) {
        let verifier = CodeVerifier.random(randomBytes)
        let state = Base64URL.string(randomBytes(16))
        let nonce = scope?.contains("openid") == true ? Base64URL.string(randomBytes(16)) : nil
        let query = formEncoded(
            [
                "response_type": "code", "client_id": clientID.description, "redirect_uri": redirectURL.absoluteString,
                "state": state, "code_challenge": verifier.challenge, "code_challenge_method": "S256",
            ], optional: ["scope": scope?.description, "nonce": nonce, "dpop_jkt": key?.thumbprint])
        let page = try server.request(.get, "/oauth/authorize?" + String(decoding: query, as: UTF8.self))
        guard let url = Redirection(request: page).url else { throw .insecure(server.name) }

        self.url = url
        self.redirectURL = redirectURL
        self.verifier = verifier
        self.nonce = nonce
        self.state = state
        issuer = server.name
    }

    /// Whether a URL that the browser was sent to is the answer to this request, a good or a bad one, and not some other call of the
    /// same address: it is the redirect URL exactly, with this request's state.
    public func isAnswered(by url: URL) -> Bool {
        parameters(of: url)?["state"] == state
    }

    /// The code in an answer.
    /// - Throws: ``SignetClientError``: `foreignRedirect`, or what the server's error means (RFC 6749, section 4.1.2.1).
    func code(in answer: URL) throws(SignetClientError) -> Secret<String> {
        guard let parameters = parameters(of: answer), parameters["state"] == state else { throw .foreignRedirect }
        // Signet always says who it is; an answer that does not is another server's (RFC 9207, section 2.4).
        guard let issuer = parameters["iss"], issuer.hasSameBytes(as: self.issuer) else { throw .foreignRedirect }

        switch (parameters["code"], parameters["error"]) {
        case (let code?, nil) where Self.isCode(code): return Secret(code)
        case (nil, "access_denied"): throw .signInDeclined
        // What would be a status 500 or 503, could a redirect have one.
        case (nil, "server_error"): throw .faulty(status: 500)
        case (nil, "temporarily_unavailable"): throw .busy(status: 503, retryAfter: nil)
        case (nil, let error?): throw .refused(status: 400, code: ServerAnswer.presentable(error) ?? "without a reason")
        default: throw .foreignRedirect
        }
    }

    /// What the server has added to the redirect URL; `nil` when it is not that URL, or says anything twice.
    private func parameters(of url: URL) -> [String: String]? {
        let (address, query) = Self.parts(of: url)
        let (expected, ownQuery) = Self.parts(of: redirectURL)
        guard address.hasSameBytes(as: expected) else { return nil }
        // A query that the redirect URL has itself comes back with it (RFC 6749, section 3.1.2).
        guard query.hasPrefix(ownQuery) else { return nil }

        var parameters: [String: String] = [:]
        for field in query.dropFirst(ownQuery.count).split(separator: "&") {
            let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = Self.decoded(sides[0]), let value = Self.decoded(sides[1]),
                parameters.updateValue(value, forKey: name) == nil
            else {
                return nil
            }
        }
        return parameters
    }

    /// The address, and the query in it; some servers and browsers leave a fragment behind, which nobody needs.
    private static func parts(of url: URL) -> (address: Substring, query: Substring) {
        let text = url.absoluteString.prefix { $0 != "#" }
        let address = text.prefix { $0 != "?" }
        return (address, text.dropFirst(address.count + 1))
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }

    private static func isCode(_ text: String) -> Bool {
        (1...2048).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
