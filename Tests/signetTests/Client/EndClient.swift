import Foundation
import SignetTestKit
import SignetTokens
import Testing

/// A person's machine: where `signet login` and the commands after it keep their tokens.
struct EndClient: StoredSession {
    private let home: String

    /// - Parameter folder: what the machine has for the user's state.
    init(in folder: String) {
        home = folder + "/state"
    }

    /// The file that keeps the tokens.
    var store: String { home + "/signet/tokens.json" }

    /// Runs a command to its end.
    func callAsFunction(_ arguments: String..., input: String = "") async throws -> SignetProcess.Outcome {
        try await SignetProcess.outcome("signet", arguments, environment: environment, input: input)
    }

    /// Where the commands find the store.
    var environment: [String: String] { ["XDG_STATE_HOME": home] }

    /// Signs in, which must succeed.
    func login(_ name: String = "ada", at url: String, device: String = "lamp") async throws {
        let outcome = try await self(
            "login", "--server", url, "--username", name, "--device", device, "--password-stdin",
            input: TestPassword.of(name) + "\n")
        try #require(outcome.exit == .status(0), "\(outcome.errors)")
    }

    /// Makes the machine believe that an hour has passed since the access token came, so that the next command renews it.
    func expireAccessToken() throws {
        var session = try stored
        let receivedAt = try #require(session["received_at_ms"]?.integer)
        session["received_at_ms"] = .integer(receivedAt - 3_600_000)
        try write(session)
    }

    /// Makes the machine believe that its session belongs to the server at that address.
    func move(to url: String) throws {
        var session = try stored
        session["server"] = .string(url)
        try write(session)
    }

    /// Puts a session into the store that another app of this machine has opened.
    func adopt(_ tokens: IssuedTokens, from server: String, client: String, scope: String) throws {
        var session = try stored
        session["server"] = .string(server)
        session["client_id"] = .string(client)
        session["user_id"] = .string(tokens.userID)
        session["session_id"] = .string(tokens.sessionID)
        session["access_token"] = .string(tokens.accessToken)
        session["refresh_token"] = .string(tokens.refreshToken)
        session["scope"] = .string(scope)
        session["idempotency_key"] = nil
        try write(session)
    }

    /// The modes of the store and its folder, in octal digits.
    var modes: [String] {
        get throws {
            try [store, home + "/signet"].map { path in
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                return String((attributes[.posixPermissions] as? Int ?? 0) & 0o777, radix: 8)
            }
        }
    }

    private func write(_ session: JSONObject) throws {
        let file = try #require(FileHandle(forWritingAtPath: store))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(JSONValue.object(session).bytes))
        try file.close()
    }
}
