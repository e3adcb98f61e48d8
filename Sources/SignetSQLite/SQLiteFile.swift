import Foundation
import GRDB
import SignetTokens

/// The database file and how connections to it are opened.
struct SQLiteFile: Sendable {
    let path: String
    /// How long a connection waits for another process's transaction.
    let patience: Duration

    /// Makes an empty file that only its owner can read, when there is none and one is wanted; SQLite gives its companions the same mode.
    ///
    /// A file that is there is not opened for the check: closing it again would drop the locks that other connections of this process
    /// hold on it (POSIX), and SQLite itself opens what it may not write without a word.
    func prepare(create: Bool) throws(SQLiteProblem) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard !isFolder.boolValue else { throw .unusable(path) }
        } else {
            guard create else { throw .missing(path) }
            let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 || errno == EEXIST else { throw problem(errno) }
            if file >= 0 { close(file) }
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        // The write-ahead log is a file beside the database.
        for writable in [path, folder] where access(writable, W_OK) != 0 { throw problem(errno) }
    }

    /// What the file holds, found out without changing a byte: `--database` may name somebody else's by a slip of the finger.
    func readSchema() throws -> SQLiteSchema {
        var configuration = common
        configuration.readonly = true
        let reader = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? reader.close() }
        return try reader.read(SQLiteSchema.init)
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
        configuration.busyMode = .timeout(Double(patience.wholeMilliseconds) / 1000)
        return configuration
    }

    private func problem(_ error: Int32) -> SQLiteProblem {
        [EACCES, EPERM, EROFS].contains(error) ? .readOnly(path) : .unusable(path)
    }
}
