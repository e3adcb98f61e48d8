import Foundation
import SignetTestKit
import SignetTokens
import Testing

/// One Signet of a test's own: a folder with its database and key, a port that stays the same over restarts, and the ways to reach it.
struct Installation: Sendable {
    /// Where everything of this installation lies; removed at the end.
    let folder: String

    /// Where the server listens on 127.0.0.1, whenever it runs.
    let port: Int

    /// Makes one, and removes it when `body` has ended.
    static func make<Result>(_ body: (Installation) async throws -> Result) async throws -> Result {
        let name = "signet-e2e-\(UUID().uuidString.prefix(8))"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(Installation(folder: folder, port: try FreePort.choose()))
    }

    /// The database file.
    var database: String { folder + "/signet.db" }

    /// The server's name in every token.
    var issuer: String { "http://127.0.0.1:\(port)" }

    /// What a client speaks to.
    var http: RawHTTP { RawHTTP(port: port) }

    /// The arguments that start the server. It logs as much as it can, for every line is searched for secrets.
    func serving(_ flags: [String] = [], logLevel: String = "trace") -> [String] {
        ["serve", "--port", "\(port)", "--issuer", issuer, "--database", database, "--log-level", logLevel] + flags
    }

    /// Runs the server while `body` does, which begins when it is ready.
    func serve<Result>(
        _ flags: [String] = [], logLevel: String = "trace", environment: [String: String] = [:],
        _ body: (SignetProcess) async throws -> Result
    ) async throws -> Result {
        try await SignetProcess.run("signet", serving(flags, logLevel: logLevel), environment: environment) { server in
            let url = try await server.ready()
            #expect(url == issuer)
            return try await body(server)
        }
    }

    /// Starts the server where it ought to fail, and returns how it ended.
    func serveInVain(_ flags: [String] = []) async throws -> SignetProcess.Outcome {
        try await SignetProcess.outcome("signet", serving(flags, logLevel: "info"))
    }

    /// Runs an operator's command on the database.
    func operate(
        _ arguments: String..., input: String = "", environment: [String: String] = [:]
    ) async throws -> SignetProcess.Outcome {
        try await SignetProcess.outcome("signet", arguments + ["--database", database], environment: environment, input: input)
    }

    /// Runs an operator's command that must succeed, and returns what it printed.
    @discardableResult
    func operated(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws -> String {
        let outcome = try await SignetProcess.outcome(
            "signet", arguments + ["--database", database], environment: environment, input: input)
        try #require(outcome.exit == .status(0), "\(arguments): \(outcome.errors)")
        return outcome.output
    }

    /// What an operator's command with `--json` printed.
    func listed(_ arguments: String...) async throws -> JSONObject {
        let outcome = try await SignetProcess.outcome("signet", arguments + ["--json", "--database", database])
        try #require(outcome.exit == .status(0), "\(arguments): \(outcome.errors)")
        return try #require(JSONValue(parsing: Data(outcome.output.utf8)).object)
    }

    /// Adds a user.
    func addUser(_ name: String = "ada", environment: [String: String] = [:]) async throws {
        try await operated(
            "user", "add", name, "--password-stdin", input: TestPassword.of(name) + "\n", environment: environment)
    }

    /// Registers an app, and returns its `client_id`.
    func addClient(_ name: String, _ options: String...) async throws -> String {
        let outcome = try await SignetProcess.outcome("signet", ["client", "add", name] + options + ["--database", database])
        try #require(outcome.exit == .status(0), "\(outcome.errors)")
        return String(try #require(outcome.output.split(separator: "\n").first)).replacing("client_id: ", with: "")
    }
}
