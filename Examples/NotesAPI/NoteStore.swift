import Foundation
import GRDB
import SignetTokens

/// What a ``NoteID`` names.
enum NoteKind {}
/// One note; time-ordered.
typealias NoteID = Identifier<NoteKind>

/// One note of somebody's.
struct Note: Hashable, Sendable {
    let id: NoteID
    let text: String
    let createdAt: UnixTime
}

/// Everybody's notes, in one SQLite file; each question names whose.
struct NoteStore: Sendable {
    /// The most notes that one person has: every list is bounded.
    static let mostNotes = 1000
    /// The longest note, in characters.
    static let longestText = 10_000

    private static let add = """
        INSERT INTO note (id, owner, text, created_at)
        SELECT :id, :owner, :text, :created_at
        WHERE (SELECT count(*) FROM note WHERE owner = :owner) < :most
        """
    private static let list = """
        SELECT id, text, created_at
        FROM note
        WHERE owner = :owner
        ORDER BY id DESC
        """
    private static let delete = """
        DELETE FROM note
        WHERE id = :id AND owner = :owner
        """

    private let pool: DatabasePool

    /// Opens the file, or makes it; GRDB's pool puts it into WAL mode, so that readers never wait for a writer.
    init(path: String) throws {
        pool = try DatabasePool(path: path)
        try Self.migrations.migrate(pool)
    }

    /// Somebody's notes, the newest first.
    func notes(of owner: String) async throws -> [Note] {
        try await pool.read { database in
            try Row.fetchAll(database, sql: Self.list, arguments: ["owner": owner]).compactMap { row in
                NoteID(bytes: row["id"] as Data).map {
                    Note(id: $0, text: row["text"], createdAt: UnixTime(milliseconds: row["created_at"]))
                }
            }
        }
    }

    /// Adds a note; `false` when the owner has as many as anybody may.
    func add(_ note: Note, of owner: String) async throws -> Bool {
        try await pool.write { database in
            try database.execute(
                sql: Self.add,
                arguments: [
                    "id": Data(note.id.bytes), "owner": owner, "text": note.text, "created_at": note.createdAt.milliseconds,
                    "most": Self.mostNotes,
                ])
            return database.changesCount == 1
        }
    }

    /// Deletes a note; `false` when the owner has none of this id.
    func delete(_ id: NoteID, of owner: String) async throws -> Bool {
        try await pool.write { database in
            try database.execute(sql: Self.delete, arguments: ["id": Data(id.bytes), "owner": owner])
            return database.changesCount == 1
        }
    }

    private static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        // The owner is the token's `sub`; within the one issuer that we trust it names one person for ever.
        migrator.registerMigration("notes") { database in
            try database.execute(
                sql: """
                    CREATE TABLE note (
                        id BLOB PRIMARY KEY CHECK (length(id) = 16),
                        owner TEXT NOT NULL,
                        text TEXT NOT NULL,
                        created_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX note_of_owner ON note (owner, id);
                    """)
        }
        return migrator
    }
}
