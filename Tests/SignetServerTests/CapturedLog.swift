import Logging
import SignetTestKit
import Synchronization

/// Every line that a server logs, of whatever level, kept for the one question whether it holds a secret.
final class CapturedLog: Sendable {
    /// How tokens begin, what all passwords hold, and the idempotency keys of these tests.
    static let secrets = ["eyJ", "sgr1_", TestPassword.mark, Key.first, Key.second]

    private let lines = Mutex<[String]>([])

    /// A logger whose lines are kept here: handed in, for the process has one logging system and many suites.
    var logger: Logger {
        Logger.test { _, _, line in self.append(line) }
    }

    /// The lines that hold a secret.
    var leaks: [String] { lines.withLock { $0.filter(Self.holdsSecret) } }

    /// Lines of a level.
    func lines(_ level: Logger.Level) -> [String] {
        lines.withLock { $0.filter { $0.hasPrefix("\(level) ") } }
    }

    static func holdsSecret(_ text: String) -> Bool {
        secrets.contains { text.contains($0) }
    }

    private func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}
