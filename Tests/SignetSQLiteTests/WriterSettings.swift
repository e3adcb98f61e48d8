import GRDB

/// What the writer's connection says of itself.
struct WriterSettings: Equatable {
    let journalMode: String?
    /// 2 is FULL.
    let synchronous: Int?
    let foreignKeys: Bool?
}

extension WriterSettings {
    @Sendable init(_ database: Database) throws {
        journalMode = try String.fetchOne(database, sql: "PRAGMA journal_mode")
        synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        foreignKeys = try Bool.fetchOne(database, sql: "PRAGMA foreign_keys")
    }
}
