import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import signet

extension Story {
    @Suite("signet proxy-lost-answers")
    struct ProxyCommandTests {
        /// Draws faults for 12 of the first 24 renewals.
        private static let seed = "11"
        private static let renewals: UInt32 = 6

        @Test("with half of the answers lost, the command-line client and the one in Python do nothing wrong and stay signed in")
        func honestClients() async throws {
            try await Installation.make { signet in
                try await signet.serve(["--access-lifetime", "1s", "--window", "0s"]) { _ in
                    try await signet.addUser()
                    let arguments = ["--to", signet.issuer, "--lose-answers", "0.5", "--seed", Self.seed, "--json"]
                    try await SignetProcess.run("signet", ["proxy-lost-answers"] + arguments + ["--verbose"]) { process in
                        let url = try await process.readyOnErrors(after: "The proxy is ready at ")
                        let client = EndClient(in: signet.folder)
                        let python = PythonClient(in: signet.folder)
                        try await client.login(at: url)
                        try await python.signIn(at: url, client: "signet")

                        async let first: Void = Self.renew(client) { try await client("token") }
                        async let second: Void = Self.renew(python) { try await python("token") }
                        _ = try await (first, second)

                        process.signal(SIGINT)
                        let exit = try await process.exit()
                        #expect(exit == .status(0), "\(process.errorsSoFar)")
                        let report = try #require(JSONValue(parsing: Data(process.outputSoFar.utf8)).object)
                        #expect(report["findings"]?.array == [])
                        #expect(report["signed_out"] == [:])
                        #expect(report["sign_ins"] == 2)
                        let lost = try #require(report["answers_lost"]?.integer)
                        #expect(lost > 3)
                        #expect(report["answers_recovered"]?.integer == lost)
                        #expect(try #require(report["repeats"]?.object?["same_key"]?.integer) >= lost)
                    }
                    let live = try await signet.listed("session", "list")["sessions"]?.array
                    #expect(live?.count == 2)
                }
            }
        }

        @Test("a client that does one thing wrong is told that one thing, and the status is 1")
        func wrongClients() async throws {
            let habits: [(name: String, script: String, mistakes: [Mistake], signOuts: JSONValue)] = [
                ("stores-nothing", "", [.spentToken], ["reused": 1]),
                ("fresh-key", "lose-answer", [.otherKey], ["reused": 1]),
                ("signs-in-on-trouble", "503", [.signedInAgain], [:]),
                ("signs-in-on-trouble", "html", [.signedInAgain], [:]),
                ("no-key", "lose-answer", [.keyless], ["reused": 1]),
                ("one-key-for-ever", "", [.keyOfOlderToken], [:]),
                ("token-in-url", "", [.misplacedToken], [:]),
                ("never-stops", "", [.deadToken], ["signed_out": 2]),
                ("hurries", "503\n503\n503", [.tooSoon], [:]),
                ("well", "503\nlose-answer\nhtml\ncut-answer-at 200", [], [:]),
            ]
            try await Installation.make { signet in
                try await signet.serve(["--window", "0s"]) { _ in
                    try await signet.addUser()
                    for (name, script, mistakes, signOuts) in habits {
                        let (scriptFile, report) = (signet.folder + "/script.txt", signet.folder + "/report.json")
                        try Data("# \(name)\n\(script)\n".utf8).write(to: URL(fileURLWithPath: scriptFile))

                        let outcome = try await SignetProcess.outcome(
                            "signet",
                            ["proxy-lost-answers", "--to", signet.issuer, "--script", scriptFile, "--report", report, "--"]
                                + [try Tool.path("python3"), "-c", Self.client, name], input: TestPassword.of("ada"))

                        #expect(outcome.exit == .status(mistakes.isEmpty ? 0 : 1), "\(name): \(outcome.errors)")
                        let read = try #require(JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: report))).object)
                        let findings = try #require(read["findings"]?.array)
                        #expect(findings.map { $0.object?["mistake"]?.string } == mistakes.map(\.rawValue), "\(name)")
                        #expect(read["signed_out"] == signOuts, "\(name)")
                        for mistake in mistakes { #expect(outcome.errors.contains(mistake.advice)) }
                        #expect(outcome.errors.contains("The client did nothing wrong.") == mistakes.isEmpty)
                        // The command has standard output for itself.
                        #expect(outcome.output == "done\n")
                    }
                }
            }
        }

        @Test("the two scripts of the walk-through do what it says")
        func walkThrough() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let examples = Tool.repository + "/Examples/proxy-lost-answers"
                    let proxy = ["proxy-lost-answers", "--to", signet.issuer, "--script", examples + "/bad-morning.txt", "--"]

                    let wrong = try await SignetProcess.outcome(
                        "signet", proxy + [examples + "/wrong.sh"], input: TestPassword.of("ada") + "\n")
                    #expect(wrong.exit == .status(1))
                    #expect(wrong.errors.contains("1. \(Mistake.keyless.sentence) (keyless, 5 times)\n"), "\(wrong.errors)")
                    #expect(wrong.errors.contains("2. \(Mistake.signedInAgain.sentence) (signed-in-again)\n"))
                    #expect(!wrong.errors.contains("\n3. "))

                    let right = try await SignetProcess.outcome(
                        "signet", proxy + [examples + "/right.sh", signet.folder + "/session"],
                        input: TestPassword.of("ada") + "\n")
                    #expect(right.exit == .status(0), "\(right.errors)")
                    #expect(right.errors.contains("Renewals    4; asked for again: 2 with the same key,"))
                }
            }
        }

        @Test("a command's own status is the proxy's, it finds the server's address, and a signal reaches it")
        func command() async throws {
            let proxy = ["proxy-lost-answers", "--to", "http://127.0.0.1:1", "--"]
            let outcome = try await SignetProcess.outcome("signet", proxy + ["sh", "-c", "echo $SIGNET_SERVER; exit 7"])
            #expect(outcome.exit == .status(7))
            #expect(outcome.output.hasPrefix("http://127.0.0.1:"))
            #expect(outcome.errors.contains("The proxy is ready at \(outcome.output)"))

            let missing = try await SignetProcess.outcome("signet", proxy + ["/no/such/program"])
            #expect(missing.exit == .status(1))
            #expect(
                missing.errors.hasSuffix("/no/such/program cannot be started: No such file or directory.\n"), "\(missing.errors)")

            try await SignetProcess.run(
                "signet", proxy + ["sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"]
            ) {
                _ = try await $0.ready(after: "up")
                $0.signal(SIGINT)
                #expect(try await $0.exit() == .status(9))
            }
        }

        @Test(
            "what is used wrongly is one sentence, with status 64",
            arguments: [
                (["--to", "id.example.com"], "is not the URL of a server."),
                (["--lose-answers", "1.5"], "is a share from 0 to 1"),
                (["--lose-answers", "0.6", "--reset", "0.5"], "more than 1."), (["--delay", "soon"], "is not a time"),
                (["--script", "/no/such/script"], "cannot be read."), (["--only", "some"], "invalid"),
                (["--allow", "all"], "invalid"),
                (["--script", "/dev/null", "--seed", "1"], "without shares and seed."), (["--port", "70000"], "is not a port."),
            ] as [([String], String)])
        func usage(arguments: [String], sentence: String) async throws {
            let server = arguments.contains("--to") ? [] : ["--to", "https://id.example.com"]
            let outcome = try await SignetProcess.outcome("signet", ["proxy-lost-answers"] + server + arguments)

            #expect(outcome.exit == .status(64), "\(outcome.errors)")
            #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
        }

        @Test("a word that is none of the script's is named with its line")
        func script() async throws {
            try await Installation.make { signet in
                let file = signet.folder + "/script.txt"
                try Data("pass\nlose-answer\nloose-answer\n".utf8).write(to: URL(fileURLWithPath: file))

                let outcome = try await SignetProcess.outcome(
                    "signet", ["proxy-lost-answers", "--to", signet.issuer, "--script", file])

                #expect(outcome.exit == .status(64))
                #expect(
                    outcome.errors.contains("Line 3 of \(file) is none of the script's words: 'loose-answer'"),
                    "\(outcome.errors)")
            }
        }

        @Test("a port that is in use is one sentence, and an address of the network a warning")
        func listening() async throws {
            try await EchoServer.run { echo in
                let arguments = ["proxy-lost-answers", "--to", "http://127.0.0.1:\(echo.port)"]
                let taken = try await SignetProcess.outcome("signet", arguments + ["--port", "\(echo.port)"])
                #expect(taken.exit == .status(1))
                #expect(taken.errors.hasSuffix("is in use; end the other program, or choose another port with --port.\n"))

                let open = try await SignetProcess.outcome("signet", arguments + ["--host", "0.0.0.0", "--", "true"])
                #expect(open.exit == .status(0))
                #expect(open.errors.contains("Warning: the proxy listens on 0.0.0.0 without TLS"))
            }
        }

        @Test("a server under TLS is reached when its certificate is trusted, and only then")
        func tls() async throws {
            try await Installation.make { signet in
                try await signet.serveSecurely { _, url, certificate in
                    let curl = ["sh", "-c", "curl --silent $SIGNET_SERVER/health/live"]
                    let trusted = try await SignetProcess.outcome(
                        "signet", ["proxy-lost-answers", "--to", url, "--ca-file", certificate, "--"] + curl)
                    #expect(trusted.exit == .status(0), "\(trusted.errors)")
                    #expect(trusted.output.contains("\"status\""))

                    let stranger = try await SignetProcess.outcome("signet", ["proxy-lost-answers", "--to", url, "--"] + curl)
                    // curl's "empty reply": the network does not say why.
                    #expect(stranger.exit == .status(52), "\(stranger.errors)")
                    #expect(stranger.errors.contains("1 of them when the server could not be reached"))
                }
            }
        }

        @Test("the revocation feed comes through as it happens")
        func feed() async throws {
            try await Installation.make { signet in
                try await signet.serve(["--public-revocation-feed"]) { _ in
                    try await signet.addUser()
                    let tokens = try await signet.signIn()
                    try await SignetProcess.run("signet", ["proxy-lost-answers", "--to", signet.issuer]) { process in
                        let url = try #require(URL(string: try await process.ready(after: "The proxy is ready at ")))
                        try await OpenConnection.run(port: try #require(url.port)) { reader in
                            try await reader.write("GET /v1/revocations HTTP/1.1\r\nHost: a\r\n\r\n")
                            var received = ""
                            while !received.contains("event: live") { received += try #require(try await reader.next()) }
                            _ = try await signet.http.post("/oauth/revoke", form: [("token", tokens.refreshToken)])
                            while !received.contains("event: revocation") { received += try #require(try await reader.next()) }
                        }
                        process.signal(SIGTERM)
                        #expect(try await process.exit() == .status(0))
                    }
                }
            }
        }

        /// Asks for a token again and again, until it has been renewed so often.
        private static func renew(_ client: some StoredSession, _ token: () async throws -> SignetProcess.Outcome) async throws {
            let hasRenewed = try await eventually(every: .milliseconds(100)) {
                // A command that gave up after some tries is not signed out, and the next one goes on.
                let outcome = try await token()
                #expect(!outcome.errors.contains("ended"), "\(outcome.errors)")
                return try client.generation >= renewals
            }
            #expect(hasRenewed)
        }
    }
}
