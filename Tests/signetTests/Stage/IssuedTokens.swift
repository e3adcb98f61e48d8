import Foundation
import SignetTestKit
import SignetTokens
import Testing

/// The tokens that a sign-in or a renewal brought.
struct IssuedTokens: Decodable, Equatable, Sendable {
    let accessToken: String
    let refreshToken: String
    let userID: String
    let sessionID: String

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case refreshToken = "refresh_token"
        case userID = "user_id"
        case sessionID = "session_id"
    }

    /// The header field that an API wants.
    var authorization: (String, String) { ("Authorization", "Bearer \(accessToken)") }

    /// How often the session was rotated, as the refresh token says.
    var generation: UInt32 {
        get throws { try #require(RefreshToken(parsing: Secret(refreshToken))).generation }
    }
}

extension RawAnswer {
    /// A string member of the JSON body, such as `error` or `reason`.
    subscript(member name: String) -> String? {
        (try? JSONValue(parsing: Data(body)))?.object?[name]?.string
    }
}

extension Installation {
    /// Signs in on a device; the status must be 201.
    func signIn(
        _ name: String = "ada", password: String? = nil, device: String? = nil, client: String? = nil
    ) async throws -> IssuedTokens {
        let answer = try await trySigningIn(name, password: password, device: device, client: client)
        try #require(answer.status == 201, "\(answer.text)")
        return try answer.json()
    }

    /// Signs in, whatever comes of it.
    func trySigningIn(
        _ name: String = "ada", password: String? = nil, device: String? = nil, client: String? = nil
    ) async throws -> RawAnswer {
        var body: [String: String] = ["username": name, "password": password ?? TestPassword.of(name)]
        body["device_name"] = device
        body["client_id"] = client
        let json = try String(decoding: JSONEncoder().encode(body), as: UTF8.self)
        return try await http.post("/v1/sessions", json: json)
    }

    /// Renews with a refresh token, with the idempotency key if there is one.
    func renew(_ refreshToken: String, key: String? = nil, _ fields: [(String, String)] = []) async throws -> RawAnswer {
        try await http.renew(refreshToken, key: key, fields)
    }

    /// Asks Signet's forward authentication about an access token.
    func verify(_ tokens: IssuedTokens) async throws -> RawAnswer {
        try await http("GET", "/v1/verify", headers: [tokens.authorization])
    }
}

extension RawHTTP {
    /// Renews with a refresh token, with the idempotency key if there is one.
    func renew(_ refreshToken: String, key: String? = nil, _ fields: [(String, String)] = []) async throws -> RawAnswer {
        try await post(
            "/oauth/token", form: [("grant_type", "refresh_token"), ("refresh_token", refreshToken)] + fields,
            headers: key.map { [("Idempotency-Key", $0)] } ?? [])
    }
}
