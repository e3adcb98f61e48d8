import NIOHTTP1
import SignetTokens

/// What a request asks for, without any of its secrets.
struct SeenRequest: Sendable {
    /// What it is for, as far as that matters for a client's session.
    enum Purpose: Sendable {
        case renewal(token: TokenMark?, key: KeyMark?, clientID: String?)
        /// With the refresh token that the device still had, if it sent one.
        case signIn(SignInPlace, replacing: TokenMark?)
        /// A token is given back, or a session is ended by its id.
        case signOut(SessionID?)
        case other
    }

    /// Where a refresh token does not belong.
    enum Stray: String, Sendable {
        case url = "in a URL, which is logged on its way"
        case header = "in a header field"
        case path = "to a path that needs none"
    }

    /// Method and path, without the query, for it may hold anything.
    let line: String
    let purpose: Purpose
    /// The bearer token that it sends.
    let accessToken: AccessMark?
    /// A refresh token where none belongs.
    let stray: (where: Stray, token: TokenMark?)?

    /// Whether it asks for new tokens with a refresh token.
    var isRenewal: Bool {
        if case .renewal = purpose { true } else { false }
    }

    /// Whether its answer may bring tokens or end a session.
    var isAboutTokens: Bool {
        if case .other = purpose { false } else { true }
    }

    /// Reads a request.
    /// - Parameter body: what is known of its body, at most ``ProxiedRequest/bodyLimit`` bytes.
    init(_ head: HTTPRequestHead, body: some Collection<UInt8>) {
        let path = String(head.uri.prefix { $0 != "?" && $0 != "#" })
        line = "\(head.method.rawValue) \(Self.printable(path))"
        purpose = Self.purpose(head, path, body)
        let fields = head.headers["Authorization"].map { BearerField($0) }
        let bearer: Secret<String>? =
            if fields.count == 1, case .token(let token) = fields[0] { token } else { nil }
        accessToken = bearer.map(AccessMark.init)
        stray = Self.stray(head, purpose, body)
    }

    private static func purpose(_ head: HTTPRequestHead, _ path: String, _ body: some Collection<UInt8>) -> Purpose {
        switch head.method {
        case .POST where path.hasSuffix("/oauth/token"):
            let form = FormFields(body)
            guard form["grant_type"]?.reveal({ $0 == "refresh_token" }) == true else { return .other }
            let key = head.headers.first(name: "Idempotency-Key").map { Secret($0) } ?? form["idempotency_key"]
            return .renewal(
                token: form["refresh_token"].flatMap(TokenMark.init), key: key.map(KeyMark.init),
                clientID: form["client_id"]?.reveal { String($0) })
        case .POST where path.hasSuffix("/v1/sessions"):
            let json = (try? JSONValue(parsing: body))?.object
            return .signIn(
                SignInPlace(clientID: json?["client_id"]?.string, device: json?["device_name"]?.string),
                replacing: json?["refresh_token"]?.string.flatMap { TokenMark(Secret($0)) })
        case .POST where path.hasSuffix("/oauth/revoke"):
            return .signOut(FormFields(body)["token"].flatMap(TokenMark.init)?.sessionID)
        case .DELETE where path.contains("/v1/sessions/"):
            return .signOut(path.split(separator: "/").last.flatMap { SessionID($0) })
        default: return .other
        }
    }

    private static func stray(
        _ head: HTTPRequestHead, _ purpose: Purpose, _ body: some Collection<UInt8>
    ) -> (where: Stray, token: TokenMark?)? {
        if let found = RefreshTokenSearch.find(in: head.uri.utf8) { return (.url, found.mark) }
        for field in head.headers {
            if let found = RefreshTokenSearch.find(in: field.value.utf8) { return (.header, found.mark) }
        }
        let path = head.uri.prefix { $0 != "?" }
        let mayHoldOne = ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/v1/sessions"].contains { path.hasSuffix($0) }
        guard !mayHoldOne, let found = RefreshTokenSearch.find(in: body) else { return nil }
        return (.path, found.mark)
    }

    /// A path for people: what strangers put into it neither steers a terminal nor shows a token.
    private static func printable(_ path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { $0.utf8.count > 40 ? "…" : $0 }
        return Output.withoutControlCharacters(String(parts.joined(separator: "/").prefix(120)))
    }
}

/// From where a person signs in: the app, and what the device calls itself.
struct SignInPlace: Hashable, Sendable {
    var clientID: String?
    var device: String?

    /// Whether both could be the same device: what one of them does not say is no difference.
    func mayBe(_ other: SignInPlace) -> Bool {
        let isSameClient = clientID == nil || other.clientID == nil || clientID == other.clientID
        let isSameDevice = device == nil || other.device == nil || device == other.device
        return isSameClient && isSameDevice
    }
}
