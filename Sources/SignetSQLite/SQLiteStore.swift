import GRDB
import SignetSessions
package import SignetTokens

/// The embedded storage driver: one SQLite file, a write-ahead log, one writer that commits in groups, readers that never wait for it.
///
/// The store's clock is the process's, handed in.
package struct SQLiteStore: SessionStore {
    let write: GroupCommit
    let readers: DatabasePool
    let clock: any WallClock

    /// Opens a database and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - create: whether a missing file is made; an operator's command must not make one by a slip of the finger.
    ///   - patience: how long to wait for another process's transaction.
    /// - Throws: ``SQLiteProblem``.
    package init(
        path: String, create: Bool, clock: any WallClock, readers: Int = 4, patience: Duration = .seconds(5)
    ) throws(SQLiteProblem) {
        let file = SQLiteFile(path: path, patience: patience)
        do {
            try file.prepare(create: create)
            let needsMigration = try Self.needsMigration(file, create: create)
            let writer = try file.openWriter()
            if needsMigration { try Self.migrate(writer) }
            write = GroupCommit(file: file, writer: writer)
            self.readers = try file.openReaders(count: readers)
        } catch {
            throw SQLiteProblem(error, path: path)
        }
        self.clock = clock
    }

    private static func needsMigration(_ file: SQLiteFile, create: Bool) throws -> Bool {
        switch try file.readSchema() {
        case .current: return false
        case .newer: throw SQLiteProblem.newerSchema(file.path)
        case .foreign: throw SQLiteProblem.damaged(file.path)
        case .older where !create: throw SQLiteProblem.olderSchema(file.path)
        case .empty where !create: throw SQLiteProblem.missing(file.path)
        case .older, .empty: return true
        }
    }

    private static func migrate(_ writer: DatabaseQueue) throws {
        var done: Set<String> = []
        while true {
            do {
                return try Migrations.migrator.migrate(writer)
            } catch {
                // Processes that start at once all begin; each step is one transaction, so the slower ones find it done, and go on with
                // the next. It ends, for each round has one step more behind it.
                let doneNow = try Set(writer.read(Migrations.migrator.appliedIdentifiers))
                guard doneNow.count > done.count else { throw error }
                done = doneNow
            }
        }
    }

    /// Closes the database, the writer last: that brings what the write-ahead log holds into the file, which alone is everything then.
    package func close() async throws {
        try readers.close()
        try await write.close()
    }

    /// Reads the file, and the schema with it.
    package func checkHealth() async throws {
        _ = try await readers.read { try Int.fetchOne($0, sql: "SELECT only FROM server") }
    }
}
