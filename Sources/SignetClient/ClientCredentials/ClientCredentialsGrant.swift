import Foundation
import HTTPTypes
import SignetTokens

/// Asks the token endpoint for a client's own access token (RFC 6749, section 4.4).
struct ClientCredentialsGrant: Sendable {
    /// What the token endpoint's answer means.
    enum Outcome: Sendable {
        case token(TokenAnswer)
        /// Asking again at once would not help.
        case refused(SignetClientError)
        /// Nobody knows: ask again, at the earliest after `pause`.
        case unknown(SignetClientError, pause: Duration?)
    }

    let server: ServerAddress
    let clientID: ClientID
    let clientSecret: @Sendable () async throws -> Secret<String>
    let scope: Scope?
    let resources: [String]
    let transport: any Transport
    let clocks: ClientClocks

    /// One request.
    /// - Throws: ``SignetClientError/insecure(_:)``, before the secret is read; what reading it throws.
    func ask() async throws -> Outcome {
        var request = try server.request(
            .post, "/oauth/token", [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"])
        request.headerFields[.authorization] = try await clientSecret().reveal { Self.basic(clientID, $0) }
        do {
            let (response, body) = try await clocks.within(.seconds(10)) { [request] in
                try await transport.send(request, body: form, timeout: .seconds(10))
            }
            return Self.outcome(ServerAnswer(response, body))
        } catch {
            return .unknown(.noAnswer(error), pause: nil)
        }
    }

    private var form: Data {
        var fields = ["grant_type=client_credentials"]
        if let scope { fields.append("scope=" + percentEncoded(scope.description)) }
        fields += resources.map { "resource=" + percentEncoded($0) }
        return Data(fields.joined(separator: "&").utf8)
    }

    /// Both are form-encoded before they are joined by the colon (RFC 6749, section 2.3.1).
    private static func basic(_ id: ClientID, _ secret: String) -> String {
        "Basic " + Data("\(percentEncoded(id.description)):\(percentEncoded(secret))".utf8).base64EncodedString()
    }

    private static func outcome(_ answer: ServerAnswer) -> Outcome {
        if answer.status == 200 {
            return TokenAnswer(answer, .bearer).map(Outcome.token) ?? .unknown(.faulty(status: 200), pause: nil)
        }
        // Only the server itself says no in OAuth's own words; a proxy's 403 or 404 may be gone in a moment.
        guard (400..<500).contains(answer.status), answer.status != 429, let code = answer.object?["error"]?.string else {
            return .unknown(answer.error, pause: answer.retryAfter)
        }
        return .refused(code == "invalid_client" ? .wrongClientCredentials : answer.error)
    }
}
