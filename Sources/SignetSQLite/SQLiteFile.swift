import Foundation
import GRDB

/// The database file and how connections to it are opened.
struct SQLiteFile: Sendable {
    let path: String

    /// Makes an empty file that only its owner can read, when there is none; SQLite gives its companions the same mode.
    func createIfMissing() throws(SQLiteProblem) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw errno == EACCES || errno == EROFS ? .readOnly(path) : .unusable(path) }
        close(file)
    }

    /// The one connection that writes.
    ///
    /// `synchronous` is set after opening, for GRDB sets NORMAL as it turns on the write-ahead log, and an answer must not leave
    /// before its commit has reached the disk.
    func openWriter() throws -> DatabaseQueue {
        var configuration = common
        configuration.journalMode = .wal
        let writer = try DatabaseQueue(path: path, configuration: configuration)
        try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return writer
    }

    /// Connections that only read: they never wait for the writer.
    func openReaders(count: Int) throws -> DatabasePool {
        var configuration = common
        configuration.readonly = true
        configuration.maximumReaderCount = count
        return try DatabasePool(path: path, configuration: configuration)
    }

    private var common: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        // The operator's commands write to the same file while the server runs.
        configuration.busyMode = .timeout(5)
        return configuration
    }
}
