import Logging
import Synchronization

/// Every line that a server logs, of whatever level, kept for the one question whether it holds a secret.
final class CapturedLog: Sendable {
    /// How tokens begin, and the passwords and idempotency keys of these tests.
    static let secrets = [
        "eyJ", "sgr1_", TestServer.password, TestServer.wrongPassword, TestServer.newPassword, Key.first, Key.second,
    ]

    private let lines = Mutex<[String]>([])

    /// A logger whose lines are kept here: handed in, for the process has one logging system and many suites.
    var logger: Logger {
        var logger = Logger(label: "signet") { _ in CapturingHandler(log: self) }
        logger.logLevel = .trace
        return logger
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

    fileprivate func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}

private struct CapturingHandler: LogHandler {
    let log: CapturedLog
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        log.append("\(event.level) \(event.message) \(all) \(event.error.map { "\($0)" } ?? "")")
    }
}
