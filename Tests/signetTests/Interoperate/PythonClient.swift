import Foundation
import SignetTestKit
import SignetTokens
import Testing

/// A device that runs the client of `Examples/python-client`, one process for each command.
struct PythonClient: StoredSession {
    /// The file that keeps the session.
    let store: String

    /// - Parameter folder: where it makes a folder of its own.
    init(in folder: String) {
        store = folder + "/python/session.json"
    }

    /// The program and the arguments of a command.
    func command(_ arguments: [String]) throws -> (program: String, arguments: [String]) {
        (try Tool.python, [Self.folder + "/signet_client.py", store] + arguments)
    }

    /// Runs a command to its end.
    func callAsFunction(_ arguments: String..., input: String = "") async throws -> SignetProcess.Outcome {
        let command = try command(arguments)
        return try await SignetProcess.outcome(command.program, command.arguments, input: input)
    }

    /// Runs a program that uses the client, as `client`, and gets further arguments.
    func script(_ program: String, _ arguments: String...) async throws -> SignetProcess.Outcome {
        let beginning = "import sys, signet_client\nclient = signet_client.SignetClient(sys.argv[1])\n"
        return try await Tool.runPython(
            beginning + program, [store] + arguments, environment: ["PYTHONPATH": Self.folder, "PYTHONDONTWRITEBYTECODE": "1"])
    }

    /// Signs ada in, which must succeed.
    func signIn(at url: String, client: String, origins: [String] = []) async throws {
        let command = try command(["sign-in", url, "ada", client] + origins)
        let outcome = try await SignetProcess.outcome(
            command.program, command.arguments, input: TestPassword.of("ada") + "\n")
        try #require(outcome.exit == .status(0), "\(outcome.errors)")
    }

    /// Runs `token`, which must succeed, and returns what it printed.
    @discardableResult
    func token(_ comment: Comment? = nil) async throws -> String {
        let outcome = try await self("token")
        #expect(outcome.exit == .status(0), "\(outcome.errors) \(comment?.rawValue ?? "")")
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    /// Whether there is a session.
    var isSignedIn: Bool { FileManager.default.fileExists(atPath: store) }

    /// Makes the client believe that its access token came long ago, so that the next command renews it.
    func expireAccessToken() throws {
        var session = try stored
        session["asked_at"] = 1_000_000_000
        try put(session)
    }

    /// Makes the client find its server at another address.
    func move(to server: String) throws {
        var session = try stored
        session["server"] = .string(server)
        try put(session)
    }

    /// Puts these tokens of a server of a test's own in the store; the access token has expired unless it was asked for just now.
    func keep(_ tokens: String, from server: String, askedAt: Int64 = 1_000_000_000) throws {
        var session = JSONObject()
        session["server"] = .string(server)
        session["client_id"] = "signet"
        session["origins"] = .array([.string(server)])
        session["user_id"] = "ada"
        session["session_id"] = "lamp"
        session["access_token"] = .string("access-\(tokens)")
        session["refresh_token"] = .string("refresh-\(tokens)")
        session["idempotency_key"] = .string("the-key-of-the-\(tokens)-token")
        session["asked_at"] = .integer(askedAt)
        session["lifetime"] = 300
        try put(session)
    }

    /// The modes of the store and its folder, in octal digits.
    var modes: [String] {
        get throws {
            try [store, URL(fileURLWithPath: store).deletingLastPathComponent().path].map { path in
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                return String((attributes[.posixPermissions] as? Int ?? 0) & 0o777, radix: 8)
            }
        }
    }

    private static var folder: String { Tool.repository + "/Examples/python-client" }

    private func put(_ session: JSONObject) throws {
        let url = URL(fileURLWithPath: store)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // In the old file's place: its mode is the client's to set.
        let file = FileManager.default.fileExists(atPath: store) ? try FileHandle(forWritingTo: url) : nil
        let data = Data(JSONValue.object(session).bytes)
        guard let file else { return try data.write(to: url) }
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: data)
        try file.close()
    }
}
