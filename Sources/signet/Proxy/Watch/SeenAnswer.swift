import NIOHTTP1
import SignetTokens

/// What an answer says, without any of its secrets.
struct SeenAnswer: Sendable {
    /// What it means for a client.
    enum Meaning: Sendable {
        case tokens(IssuedMarks)
        /// Signet's own refusal at an OAuth door or another one.
        case refusal(error: String, reason: String?)
        /// 401 with `error="invalid_token"` (RFC 6750, section 3.1).
        case invalidToken
        /// Nothing that Signet says about tokens.
        case other
    }

    let status: Int
    let meaning: Meaning
    /// How long the client is told to wait.
    let retryAfter: Duration?

    /// Whether the server says that the session has ended; nothing else does.
    var endsSession: Bool {
        if status == 400, case .refusal("invalid_grant", _) = meaning { true } else { false }
    }

    /// The tokens that it brings.
    var issued: IssuedMarks? {
        if case .tokens(let issued) = meaning { issued } else { nil }
    }

    /// Reads an answer.
    init(_ head: HTTPResponseHead, body: some Collection<UInt8>) {
        status = Int(head.status.code)
        retryAfter = head.headers.first(name: "Retry-After").flatMap { UInt32($0) }.map { .seconds($0) }
        let type = head.headers.first(name: "Content-Type")?.prefix { $0 != ";" && $0 != " " }.lowercased() ?? ""
        let isJSON = type == "application/json" || type == "application/problem+json"
        let object = isJSON ? (try? JSONValue(parsing: body))?.object : nil
        let challenges = head.headers["WWW-Authenticate"]
        if status == 401, challenges.contains(where: { $0.contains("invalid_token") }) {
            meaning = .invalidToken
        } else if let issued = IssuedMarks(status: status, object) {
            meaning = .tokens(issued)
        } else if status >= 400, let error = Self.word(object?["error"] ?? object?["code"]) {
            meaning = .refusal(error: error, reason: Self.word(object?["reason"]))
        } else {
            meaning = .other
        }
    }

    /// A broken server may echo a token: only a plain word is repeated.
    private static func word(_ value: JSONValue?) -> String? {
        guard let text = value?.string, (1...40).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        else {
            return nil
        }
        return text
    }
}

/// What is kept of the tokens of an answer.
struct IssuedMarks: Sendable {
    let refreshToken: TokenMark
    let accessToken: AccessMark
    let lifetime: Duration

    init(refreshToken: TokenMark, accessToken: AccessMark, lifetime: Duration) {
        self.refreshToken = refreshToken
        self.accessToken = accessToken
        self.lifetime = lifetime
    }

    fileprivate init?(status: Int, _ object: JSONObject?) {
        guard status == 200 || status == 201, let object, let access = object["access_token"]?.string,
            let refresh = object["refresh_token"]?.string.flatMap({ TokenMark(Secret($0)) }),
            let seconds = object["expires_in"]?.integer
        else {
            return nil
        }
        self.init(refreshToken: refresh, accessToken: AccessMark(Secret(access)), lifetime: .seconds(seconds))
    }
}
