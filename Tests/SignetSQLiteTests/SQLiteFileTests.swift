import Foundation
import GRDB
import SignetTestKit
import Synchronization
import Testing

@testable import SignetSQLite

@Suite("The database file")
struct SQLiteFileTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore

    init() throws {
        folder = try TemporaryFolder()
        store = try .fixture(in: folder)
    }

    @Test("is written through a write-ahead log that is synced at every commit, with foreign keys")
    func pragmas() async throws {
        let settings = try await store.write(WriterSettings.init)

        #expect(settings == WriterSettings(journalMode: "wal", synchronous: 2, foreignKeys: true))
    }

    @Test("has strict tables alone")
    func strictTables() async throws {
        let loose = try await store.readers.read { database in
            try String.fetchSet(
                database,
                sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict")
        }

        // SQLite's own, and the list of migrations, which is GRDB's.
        #expect(loose.subtracting(["sqlite_schema", "sqlite_sequence"]) == ["grdb_migrations"])
    }

    @Test("can be read by its owner alone, and its companions too", arguments: ["signet.db", "signet.db-wal", "signet.db-shm"])
    func mode(name: String) async throws {
        try await store.makeScratch()

        let mode = try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int

        #expect(mode == 0o600)
    }

    @Test("is sound after it was used")
    func integrity() async throws {
        try await store.makeScratch()
        for value in 0..<10 { try await store.write(insert(value)) }

        let complaints = try await store.readers.read { database in
            try String.fetchAll(database, sql: "PRAGMA integrity_check")
                + Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map(\.description)
        }

        #expect(complaints == ["ok"])
    }

    @Test("is made once by all who open it at the same moment")
    func raceToCreate() throws {
        for _ in 0..<5 {
            let folder = try TemporaryFolder()
            let problems = Mutex<[SQLiteProblem]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                do throws(SQLiteProblem) {
                    _ = try SQLiteStore(path: folder.file("signet.db"), create: true, clock: ManualClock(), readers: 1)
                } catch {
                    problems.withLock { $0.append(error) }
                }
            }

            #expect(problems.withLock(\.self).isEmpty)
        }
    }
}
