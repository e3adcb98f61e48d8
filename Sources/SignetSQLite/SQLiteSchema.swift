import GRDB

/// Whose schema a database file has, and of which age.
enum SQLiteSchema {
    /// Nothing yet.
    case empty
    /// Signet's, as this version has it.
    case current
    /// Signet's, as an earlier version made it.
    case older
    /// Signet's, as a later version made it.
    case newer
    /// Another program's.
    case foreign

    init(_ database: Database) throws {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if count == 0 {
            self = .empty
        } else if try !database.tableExists("server") || !database.tableExists("grdb_migrations") {
            // The first migration has not been committed yet when there is only the list of them.
            self = try count <= 2 && database.tableExists("grdb_migrations") ? .empty : .foreign
        } else if try Migrations.migrator.hasBeenSuperseded(database) {
            self = .newer
        } else {
            self = try Migrations.migrator.hasCompletedMigrations(database) ? .current : .older
        }
    }
}
