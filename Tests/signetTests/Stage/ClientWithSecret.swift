import Foundation
import Testing

/// A client that proves who it is with a secret.
struct ClientWithSecret: Sendable {
    let id: String
    let secret: String

    /// HTTP basic authentication.
    var authorization: (String, String) { ("Authorization", "Basic \(Data("\(id):\(secret)".utf8).base64EncodedString())") }
}

extension Installation {
    /// Registers a client that gets a secret, such as a resource server.
    func addClientWithSecret(_ name: String, _ options: String...) async throws -> ClientWithSecret {
        let outcome = try await SignetProcess.outcome("signet", ["client", "add", name] + options + ["--database", database])
        let lines = outcome.output.split(separator: "\n").map(String.init)
        try #require(outcome.exit == .status(0) && lines.count == 2, "\(outcome.errors)")
        return ClientWithSecret(
            id: lines[0].replacing("client_id: ", with: ""), secret: lines[1].replacing("client_secret: ", with: ""))
    }

    /// A token with which a client acts for itself.
    func clientToken(_ client: ClientWithSecret) async throws -> String {
        let answer = try await http.post(
            "/oauth/token", form: [("grant_type", "client_credentials")], headers: [client.authorization])
        return try #require(answer[member: "access_token"], "\(answer.text)")
    }
}
