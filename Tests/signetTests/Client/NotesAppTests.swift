import Foundation
import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("The example app, on URLSession")
    struct NotesAppTests {
        @Test("signs in once, and goes on by itself when the access token has expired")
        func renewsByItself() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let scope = "account notes:read notes:write"
                    let app = try await signet.addClient("Notes", "--first-party", "--resource", Notes.resource, "--scope", scope)
                    let credential = try await Notes.register(at: signet)
                    try await Notes.run(of: signet, as: credential) { notes, _ in
                        let device = NotesDevice(signet: signet, notes: notes, client: app)
                        let first = try await device("--username", "ada", "Buy wax", input: TestPassword.of("ada") + "\n")
                        #expect(first.exit == .status(0), "\(first.errors)")
                        let session = try device.stored["session_id"]
                        #expect(try device.generation == 0)

                        try device.expireAccessToken()
                        let second = try await device()

                        #expect(second.exit == .status(0), "\(second.errors)")
                        #expect(second.output.contains("Buy wax"))
                        #expect(try device.generation == 1)
                        #expect(try device.stored["session_id"] == session)
                    }
                }
            }
        }

        @Test("what is wrong is one sentence")
        func sentence() async throws {
            try await Installation.make { signet in
                let store = signet.folder + "/app/tokens.json"
                let outcome = try await SignetProcess.outcome("NotesApp", ["--client", "notes-app", "--store", store])

                #expect(outcome.exit == .status(1))
                #expect(outcome.errors == "Error: Nobody is signed in here.\n")
            }
        }

        @Test("the lines that the README shows stand in it")
        func readme() throws {
            let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
            let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
            let source = try String(contentsOf: root.appending(path: "Examples/NotesApp/NotesApp.swift"), encoding: .utf8)
            let section = try #require(readme.split(separator: "**An app** ").last?.split(separator: "```").dropFirst().first)

            let lines = section.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("//") }

            #expect(lines.count == 3)
            for line in lines { #expect(source.contains(line), "\(line)") }
        }
    }
}

/// A machine with the example app.
private struct NotesDevice: LibrarySession {
    let signet: Installation
    let notes: Notes
    let client: String

    var store: String { signet.folder + "/app/tokens.json" }

    func callAsFunction(_ arguments: String..., input: String = "") async throws -> SignetProcess.Outcome {
        let settings = [
            "--signet", signet.issuer, "--api", "http://127.0.0.1:\(notes.http.port)", "--client", client, "--store", store,
        ]
        return try await SignetProcess.outcome("NotesApp", settings + arguments, input: input)
    }
}
