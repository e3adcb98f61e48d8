import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// The token response (RFC 6749, section 5.1), with Signet's members besides.
enum TokenAnswer {
    static func response(_ status: HTTPResponse.Status, _ pair: TokenPair, headers: HTTPFields = [:]) -> Response {
        var body = JSONObject()
        // The one place where tokens leave the server.
        body["access_token"] = pair.accessToken.reveal { .string(String($0)) }
        body["token_type"] = "Bearer"
        body["expires_in"] = .integer(pair.expiresIn.wholeSeconds)
        if let refreshToken = pair.refreshToken {
            body["refresh_token"] = refreshToken.reveal { .string(String($0)) }
            body["refresh_token_expires_in"] = pair.refreshTokenExpiresIn.map { .integer(max(0, $0.wholeSeconds)) }
        }
        body["scope"] = .string(pair.scope.description)
        body["user_id"] = .string(pair.userID.description)
        body["session_id"] = .string(pair.sessionID.description)
        var headers = headers
        headers[.pragma] = "no-cache"
        return Response(status, json: .object(body), headers: headers)
    }

    /// A client's own token: no refresh token, no session.
    static func response(_ status: HTTPResponse.Status, _ token: ClientToken) -> Response {
        let body: JSONValue = [
            "access_token": token.accessToken.reveal { .string(String($0)) }, "token_type": "Bearer",
            "expires_in": .integer(token.expiresIn.wholeSeconds), "scope": .string(token.scope.description),
        ]
        return Response(status, json: body, headers: [.pragma: "no-cache"])
    }
}
