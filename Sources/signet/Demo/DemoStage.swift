import Foundation
import SignetTokens
import Synchronization

/// The stage of the demo: a folder of its own, the token server and the notes API as processes, a user and an app.
final class DemoStage: Sendable {
    /// How long access tokens live here, in seconds: short enough to watch one expire.
    static let accessLifetime = 4
    static let audience = "https://notes.example"

    private struct State {
        var processes: [Process] = []
        var server = ""
        var notes = ""
        var clientID = ""
    }

    let username = "ada"
    let password: String
    private let folder: URL
    private let teller: DemoTeller
    private let state = Mutex(State())

    init(_ teller: DemoTeller) throws {
        self.teller = teller
        // A few words would be nicer to type; this one is pasted.
        password = "demo-" + Base64URL.string(systemRandomBytes(12))
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "signet-demo-\(Base64URL.string(systemRandomBytes(6)))")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// The token server's URL.
    var server: String { state.withLock(\.server) }
    /// The notes API's URL.
    var notes: String { state.withLock(\.notes) }
    /// The app's `client_id`.
    var clientID: String { state.withLock(\.clientID) }

    /// Starts the server, adds a user and an app, starts the notes API.
    func open() async throws {
        teller.say("The stage: a token server, an API that it protects, a person, an app.")
        let port = try Self.freePort()
        let database = folder.appendingPathComponent("signet.db").path
        teller.command("signet serve --port \(port) --access-lifetime \(Self.accessLifetime)s")
        let server = try await start(
            "signet",
            [
                "serve", "--port", "\(port)", "--database", database, "--access-lifetime", "\(Self.accessLifetime)s", "--issuer",
                "http://127.0.0.1:\(port)", "--log-level", "error",
            ], readyLine: "Signet is ready at "
        )
        teller.command("signet user add \(username)")
        _ = try run(["user", "add", username, "--password-stdin", "--database", database], input: password + "\n")
        teller.command(
            "signet client add \"Notes app\" --first-party --resource \(Self.audience) --scope \"account notes:read notes:write\" --window 0s"
        )
        let added = try run(
            [
                "client", "add", "Notes app", "--first-party", "--resource", Self.audience, "--scope",
                "account notes:read notes:write",
                "--window", "0s", "--database", database,
            ], input: ""
        )
        let clientID = added.split(separator: "\n").first?.replacing("client_id: ", with: "") ?? ""
        teller.command("signet client add \"Notes API\" --resource-server --resource \(Self.audience)")
        let api = try run(
            ["client", "add", "Notes API", "--resource-server", "--resource", Self.audience, "--database", database], input: ""
        ).split(separator: "\n").map(String.init)
        guard api.count == 2 else { throw CommandFailure("The notes API got no credential.") }
        let credentialID = api[0].replacing("client_id: ", with: "")
        let credentialSecret = api[1].replacing("client_secret: ", with: "")
        teller.command(
            "NOTES_CREDENTIAL_SECRET=… NotesAPI --issuer \(server) --audience \(Self.audience) --leeway 0 --credential-id \(credentialID)"
        )
        let notes = try await start(
            "NotesAPI",
            [
                "--port", "0", "--issuer", server, "--audience", Self.audience, "--leeway", "0", "--log-level", "error",
                "--credential-id", credentialID, "--database", folder.appendingPathComponent("notes.db").path,
            ], environment: ["NOTES_CREDENTIAL_SECRET": credentialSecret], readyLine: "Notes API is ready at "
        )
        state.withLock { state in
            state.server = server
            state.notes = notes
            state.clientID = String(clientID)
        }
    }

    /// Says what to try while it keeps serving.
    func invite() {
        teller.say("Both servers keep running. Sign in as \(username) with the password \(password), until Ctrl-C:")
        teller.command(
            "curl -s \(server)/v1/sessions -H 'Content-Type: application/json' "
                + "-d '{\"username\":\"\(username)\",\"password\":\"\(password)\",\"client_id\":\"\(clientID)\"}'"
        )
        teller.command("curl -s \(notes)/notes -H 'Authorization: Bearer ACCESS_TOKEN'")
        teller.command("curl -s \(server)/oauth/token -d grant_type=refresh_token -d refresh_token=REFRESH_TOKEN")
        teller.command("curl -s \(server)/.well-known/openid-configuration")
    }

    /// Ends the processes and removes the folder.
    func close() {
        let processes = state.withLock { state in
            defer { state.processes = [] }
            return state.processes
        }
        for process in processes where process.isRunning { process.terminate() }
        for process in processes { process.waitUntilExit() }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts an executable that lies beside this one, and waits for the line that says where it is.
    private func start(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], readyLine: String
    ) async throws -> String {
        let process = Process()
        process.executableURL = try Self.executable(name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw CommandFailure("The demo cannot start \(name); build it with `swift build` first.")
        }
        state.withLock { $0.processes.append(process) }
        var text = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            guard text.hasSuffix("\n") else { continue }
            if let range = text.range(of: readyLine) { return String(text[range.upperBound...].dropLast()) }
            text = ""
        }
        throw CommandFailure("\(name) ended before it was ready; what it said stands above.")
    }

    /// Runs one of our own commands to its end.
    private func run(_ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = try Self.executable("signet")
        process.arguments = arguments
        let (output, source) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardInput = source
        try process.run()
        try source.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try source.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure("`signet \(arguments[0]) \(arguments[1])` failed; see above.")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func executable(_ name: String) throws -> URL {
        guard let own = Bundle.main.executableURL else { throw CommandFailure("The demo cannot find its own executable.") }
        return own.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent(name)
    }

    /// A port that nothing listens on at this moment.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Foundation.close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw CommandFailure("The demo found no free port on 127.0.0.1.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
