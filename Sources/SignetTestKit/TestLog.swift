import Foundation

/// A file for everything that is logged while tests run, to be searched for secrets when all have ended (ASVS 16.2.5).
///
/// Many tests and processes write to it at once: each text goes to its end in one piece.
public final class TestLog: Sendable {
    /// The file that `Scripts/run-tests` names and searches. Without a name nothing is kept.
    public static let ofThisRun = TestLog(path: ProcessInfo.processInfo.environment["SIGNET_TEST_LOG"] ?? "/dev/null")

    private let descriptor: Int32

    /// Opens the file, and makes it when there is none.
    public init(path: String) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        precondition(descriptor >= 0, "the log of the tests cannot be opened at \(path)")
    }

    deinit {
        close(descriptor)
    }

    /// Adds lines.
    public func append(_ lines: String) {
        let bytes = Array((lines.hasSuffix("\n") ? lines : lines + "\n").utf8)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count, "the log of the tests cannot be written")
    }
}
