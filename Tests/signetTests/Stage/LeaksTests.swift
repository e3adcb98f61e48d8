import Logging
import SignetTestKit
import Testing

@Suite("Searching the logs", .timeLimit(.minutes(5)))
struct LeaksTests {
    @Test(
        "a log line with a token or a password fails the test", arguments: ["eyJhbGciOi", "token=sgr1_AA", "p=open-sesame-ada"])
    func findsSecrets(secret: String) async throws {
        await withKnownIssue {
            _ = try await SignetProcess.outcome("/bin/sh", ["-c", "echo fine; echo 'level=trace \(secret)' >&2"])
        }
    }

    @Test("other lines do not, also those that resemble one")
    func passesOthers() {
        #expect(Leaks.lines(of: "eyeJ sgr_1 open sesame\nsgr1\ne") == [])
        #expect(Leaks.lines(of: "a\neeyJ") == ["eyJ: 4"])
    }
}

@Suite("Searching what all tests have logged", .timeLimit(.minutes(5)))
struct FindSecretsTests {
    @Test(
        "a line that holds a token or a password is found, wherever in the line and at whatever level it stands",
        arguments: ["eyJhbGciOi", "sgr1_AA", "Bearer%20eyJhbGciOi", TestPassword.of("ada"), TestPassword.ofKnownHash])
    func findsSecrets(secret: String) async throws {
        try await withLog { file, logger in
            logger.info("Fine", metadata: ["user.id": "7"])
            logger.trace("Signed in", metadata: ["request": ["nested": "a=\(secret)"]])
            logger.warning("Went wrong: \(secret)")
            var tagged = logger
            tagged[metadataKey: "tag"] = "\(secret)"
            tagged.info("Tagged")

            let search = try await SignetProcess.outcome(script, [file])

            #expect(search.exit == .status(1))
            #expect(
                search.errors.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
                    "\(file):2:", "\(file):3:", "\(file):4:",
                ])
            // What was let out is not let out once more.
            #expect(!search.errors.contains(secret))
        }
    }

    @Test("other lines are not")
    func passesOthers() async throws {
        try await withLog { file, logger in
            logger.error("Failed", metadata: ["error.type": "eyeJ", "reason": "open sesame", "key.id": "sgr_1"])
            logger.error("Retired", metadata: ["key.id": "wGHuOcpceyJUUhW-R3UsmSKz38SxQ6DugtQuf_9uWsQ"])

            let search = try await SignetProcess.outcome(script, [file])

            #expect(search.exit == .status(0), "\(search.errors)")
        }
    }

    @Test("without the file there is nothing that could be found, which is a failure too")
    func missesFile() async throws {
        let search = try await SignetProcess.outcome(script, ["/nowhere/tests.log"])

        #expect(search.exit == .status(1))
    }

    private let script = Tool.repository + "/Scripts/find-secrets"

    private func withLog(_ body: (_ file: String, _ logger: Logger) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let file = folder.file("tests.log")
        try await body(file, .test(in: TestLog(path: file)))
    }
}
