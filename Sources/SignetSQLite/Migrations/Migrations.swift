import GRDB

/// The schema's history: one ordered list, never edited once released.
enum Migrations {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        for step in steps { migrator.registerMigration(step.name) { try $0.execute(sql: step.sql) } }
        return migrator
    }()

    /// Each step by its name, which says what it is for.
    private static let steps: [(name: String, sql: String)] = [
        ("1 the story: users, clients, sessions, keys, audit", story),
        ("2 revocation: the log that the feed reads, and clients with secrets", revocation),
        ("3 keys that rotate, and servers that say which of them they hold", keys),
        ("4 devices: how many sessions a user may have with a client", devices),
        ("5 clean-up: what may be forgotten of the revocation log is found at once", cleanUp),
    ]
}
