import Foundation
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
    /// - Parameter create: whether a missing file is made; an operator's command must not make one by a slip of the finger.
    /// - Throws: ``SQLiteProblem``.
    package init(path: String, create: Bool, clock: any WallClock, readers: Int = 4) throws(SQLiteProblem) {
        let file = SQLiteFile(path: path)
        do {
            let isNew = !FileManager.default.fileExists(atPath: path)
            guard create || !isNew else { throw SQLiteProblem.missing(path) }
            try file.createIfMissing()
            let writer = try file.openWriter()
            try Self.migrate(writer, path: path, create: create)
            write = GroupCommit(file: file, writer: writer)
            self.readers = try file.openReaders(count: readers)
        } catch {
            throw SQLiteProblem(error, path: path)
        }
        self.clock = clock
    }

    private static func migrate(_ writer: DatabaseQueue, path: String, create: Bool) throws {
        let (isOurs, isNewer, isCurrent) = try writer.read { database in
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            let hasServer = try database.tableExists("server")
            return (
                tables == 0 || hasServer, try Migrations.migrator.hasBeenSuperseded(database),
                try Migrations.migrator.hasCompletedMigrations(database)
            )
        }
        guard isOurs else { throw SQLiteProblem.damaged(path) }
        guard !isNewer else { throw SQLiteProblem.newerSchema(path) }
        guard !isCurrent else { return }
        guard create else { throw SQLiteProblem.olderSchema(path) }
        try Migrations.migrator.migrate(writer)
    }

    /// Reads the file, and the schema with it.
    package func checkHealth() async throws {
        _ = try await readers.read { try Int.fetchOne($0, sql: "SELECT only FROM server") }
    }
}
