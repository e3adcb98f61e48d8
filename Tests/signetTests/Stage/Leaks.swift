import SignetTestKit
import Testing

/// Looks for secrets in what a process wrote, when it has ended: no log line may hold a token or a password, whatever the log level.
struct Leaks: Sendable {
    /// How every JWT and every refresh token begins, and what every password holds.
    private static let marks = ["eyJ", "sgr1_", TestPassword.mark]

    private let program: String
    private let command: String
    /// Whether standard output is a log like standard error; others print what they were asked for.
    private let isServer: Bool

    init(program: String, arguments: [String]) {
        self.program = program
        command = arguments.first ?? ""
        isServer = program == "NotesAPI" || arguments.first == "serve"
    }

    /// Fails the running test for each line that holds a secret; the line itself is not shown.
    func report(output: String, errors: String) {
        let logged = Self.lines(of: errors + "\n" + (isServer ? output : ""), with: Self.marks)
        #expect(logged == [], "\(program) \(command) has logged these in lines of so many characters")
        guard program == "signet" || program == "NotesAPI" else { return }
        TestLog.ofThisRun.append(errors + (isServer ? "\n" + output : ""))
        // The demo shows how tokens begin. No command ever prints a whole refresh token.
        #expect(!output.contains(TestPassword.mark), "\(program) \(command) has printed a password")
        #expect(!output.contains(#/sgr1_[A-Za-z0-9_\-]{32}/#), "\(program) \(command) has printed a refresh token")
    }

    /// Which mark, and the length of the line that holds it.
    static func lines(of text: String, with marks: [String] = marks) -> [String] {
        // On bytes: searching millions of characters as Swift compares them takes too long.
        text.utf8.split(separator: UInt8(ascii: "\n")).flatMap { line in
            marks.filter { contains(line, Array($0.utf8)) }.map { "\($0): \(line.count)" }
        }
    }

    private static func contains(_ line: Substring.UTF8View, _ mark: [UInt8]) -> Bool {
        var rest = line
        while let start = rest.firstIndex(of: mark[0]) {
            if rest[start...].starts(with: mark) { return true }
            rest = rest[rest.index(after: start)...]
        }
        return false
    }
}
