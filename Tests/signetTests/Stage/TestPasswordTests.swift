import SignetTestKit
import Testing

@Suite("The passwords of these tests", .timeLimit(.minutes(5)))
struct TestPasswordTests {
    /// A password that is given as a literal of its own, for grep. A prompt is none.
    private static let literal =
        #"[Pp]assword[A-Za-z]*(\\?")?(: String)?( *[:=] *|\((offered|choosing): )\[?(\.string\()?(Secret\()?\\?"[^",)\]"#

    @Test("each holds the mark by which the search of the logs knows it")
    func holdMark() async throws {
        let folders = ["Tests", "Sources/SignetTestKit"].map { "\(Tool.repository)/\($0)" }

        let found = try await unmarked(["-r", "--include=*.swift", "--exclude=TestPasswordTests.swift"], in: folders)

        #expect(found == [])
    }

    @Test("a password without it is noticed, however it is written")
    func noticesUnmarked() async throws {
        let lines = [
            #"let password = "hunter2""#, #"static let wrongPassword: String = "hunter2""#,
            #"signIn("ada", password: "hunter2")"#,
            #"Password(offered: Secret("hunter2"))"#, #"Password(choosing: Secret("hunter2"), minimumLength: 15)"#,
            ##"#"{"username":"ada","password":"hunter2"}"#"##, #""{\"password\": \"hunter2\"}""#,
            #"["password": .string("hunter2")]"#,
        ]
        let marked = lines.map { $0.replacing("hunter2", with: "\(TestPassword.mark)-2") }

        #expect(try await unmarked(input: lines) == lines)
        #expect(try await unmarked(input: marked) == [])
    }

    /// The lines with a password that does not hold the mark.
    private func unmarked(
        _ options: [String] = [], in folders: [String] = [], input: [String] = []
    ) async throws -> [String] {
        let search = try await Tool.run(
            "grep", options + ["-E", Self.literal] + folders, input: input.map { $0 + "\n" }.joined())
        // 1 says that there was nothing to find.
        #expect([.status(0), .status(1)].contains(search.exit), "\(search.errors)")
        return search.output.split(separator: "\n").map(String.init).filter { !$0.contains(TestPassword.mark) }
    }
}
