import Testing

@Suite("Searching the logs", .timeLimit(.minutes(1)))
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
