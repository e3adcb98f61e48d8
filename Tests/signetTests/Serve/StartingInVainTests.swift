import Foundation
import Testing

extension Story {
    @Suite("A server that cannot start says why, in one sentence")
    struct StartingInVainTests {
        @Test("the port is in use")
        func portInUse() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    let other = Installation(folder: signet.folder + "/other", port: signet.port)
                    try FileManager.default.createDirectory(atPath: other.folder, withIntermediateDirectories: true)

                    let outcome = try await other.serveInVain()

                    expect(
                        outcome,
                        "Port \(signet.port) on 127.0.0.1 is in use; end the other program, or choose another port with --port.")
                }
            }
        }

        @Test("the key file is missing, unreadable as such, or another server's")
        func keyFile() async throws {
            try await Installation.make { signet in
                try await found(signet)
                let key = signet.folder + "/signet.key"
                try FileManager.default.moveItem(atPath: key, toPath: key + ".kept")
                expect(try await signet.serveInVain(), nil)
                #expect(!FileManager.default.fileExists(atPath: key), "a new key would hide that the old one is lost")

                try Data("no key".utf8).write(to: URL(fileURLWithPath: key))
                expect(try await signet.serveInVain(), nil)

                try await Installation.make { other in
                    try await found(other)
                    try FileManager.default.removeItem(atPath: key)
                    try FileManager.default.copyItem(atPath: other.folder + "/signet.key", toPath: key)
                }
                expect(try await signet.serveInVain(), nil)

                try FileManager.default.removeItem(atPath: key)
                try FileManager.default.moveItem(atPath: key + ".kept", toPath: key)
                try await signet.serve { _ in _ = try await signet.signIn() }
            }
        }

        @Test("the database is damaged", arguments: ["all of it", "its beginning", "another program's"])
        func damaged(how: String) async throws {
            try await Installation.make { signet in
                try await found(signet)
                switch how {
                case "all of it":
                    try Data(repeating: 0x5A, count: 100_000).write(to: URL(fileURLWithPath: signet.database))
                case "its beginning":
                    let file = try #require(FileHandle(forUpdatingAtPath: signet.database))
                    try file.write(contentsOf: Data(repeating: 0x5A, count: 4_096))
                    try file.close()
                default:
                    try FileManager.default.removeItem(atPath: signet.database)
                    try await SQLiteShell(signet.database)("CREATE TABLE notes (text TEXT)")
                }
                let sentence =
                    "The file \(signet.database) is damaged or is no Signet database; restore a backup, or name another file with "
                    + "--database."

                expect(try await signet.serveInVain(), sentence)
                expect(try await signet.operate("user", "list"), sentence)
            }
        }

        @Test("the database was made by a newer Signet")
        func newerSchema() async throws {
            try await Installation.make { signet in
                try await found(signet)
                try await SQLiteShell(signet.database)("INSERT INTO grdb_migrations VALUES ('99 from the future')")
                let sentence = "The database \(signet.database) was made by a newer Signet; use that version or a later one."

                expect(try await signet.serveInVain(), sentence)
                expect(try await signet.operate("user", "list"), sentence)
            }
        }

        @Test("the database is read-only")
        func readOnly() async throws {
            try await Installation.make { signet in
                try await found(signet)
                let sentence =
                    "The database \(signet.database) cannot be written; make the file and its folder writable for the user that runs "
                    + "Signet."
                chmod(signet.database, 0o400)
                chmod(signet.folder, 0o500)
                defer {
                    chmod(signet.folder, 0o700)
                    chmod(signet.database, 0o600)
                }

                let program = try Unprivileged(SignetProcess.path(of: "signet"), signet.serving(logLevel: "info"))
                expect(try await SignetProcess.outcome(program.path, program.arguments), sentence)
            }
        }

        @Test("the database is locked by another program")
        func locked() async throws {
            try await Installation.make { signet in
                try await found(signet)
                try await SQLiteShell(signet.database).hold("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;") {
                    async let server = signet.serveInVain()
                    async let command = signet.operate("user", "list")
                    let sentence =
                        "The database \(signet.database) is locked by another program; end that program, then try again."

                    expect(try await server, sentence)
                    expect(try await command, sentence)
                }
                try await signet.serve { _ in _ = try await signet.signIn() }
            }
        }

        @Test("there is no database for an operator's command, and none is made")
        func missing() async throws {
            try await Installation.make { signet in
                expect(
                    try await signet.operate("user", "list"),
                    "There is no database at \(signet.database); name the right one with --database, or start `signet serve` once to "
                        + "create it.")
                #expect(!FileManager.default.fileExists(atPath: signet.database))
            }
        }

        /// A server with one user, which has stopped properly.
        private func found(_ signet: Installation) async throws {
            try await signet.serve { server in
                try await signet.addUser()
                server.signal(SIGTERM)
                _ = try await server.exit()
            }
        }

        /// Status 1, nothing on standard output, and one sentence on standard error: this one, if it is known.
        private func expect(
            _ outcome: SignetProcess.Outcome, _ sentence: String?, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(outcome.exit == .status(1), sourceLocation: sourceLocation)
            #expect(outcome.output == "", sourceLocation: sourceLocation)
            if let sentence {
                #expect(outcome.errors == sentence + "\n", sourceLocation: sourceLocation)
            } else {
                #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
                #expect(outcome.errors.hasSuffix(".\n"), "\(outcome.errors)", sourceLocation: sourceLocation)
            }
        }
    }
}
