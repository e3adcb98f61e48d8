import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens

@testable import SignetClient

extension FakeSignet {
    /// A secret with characters that have to be escaped.
    static let clientSecret = "a secret:with%+ä"

    /// A client's own token (RFC 6749, section 4.4), for whoever knows the secret.
    func clientToken(_ request: Recorded) -> (HTTPResponse, Data) {
        let credentials = Data("orders:a%20secret%3Awith%25%2B%C3%A4".utf8).base64EncodedString()
        guard request.request.headerFields[.authorization] == "Basic \(credentials)" else {
            return json(
                401, ["error": "invalid_client"], fields: [.wwwAuthenticate: #"Basic realm="signet""#])
        }
        let now = clock.now
        let (text, lifetime) = with { state in
            state.nextNumber += 1
            let text = "eyJ.own.\(state.nextNumber)"
            state.accessTokens[text] = (
                SessionID.timeOrdered(at: now, seededRandomBytes(5)), now.advanced(by: .seconds(state.lifetime))
            )
            return (text, state.lifetime)
        }
        return json(200, ["access_token": .string(text), "token_type": "Bearer", "expires_in": .integer(lifetime)])
    }
}

extension Scene {
    /// A client that calls as itself.
    func confidentialClient(
        server url: URL = Scene.url, scope: Scope? = nil, resources: [String] = [], transport: (any Transport)? = nil,
        secret: @escaping @Sendable () async throws -> Secret<String> = { Secret(FakeSignet.clientSecret) }
    ) throws -> ConfidentialClient {
        guard let id = ClientID("orders") else { throw CocoaError(.coderInvalidValue) }
        return ConfidentialClient(
            server: url, clientID: id, scope: scope, resources: resources, origins: [Self.api], transport: transport ?? server,
            monotonicClock: monotonic, clientSecret: secret)
    }
}
