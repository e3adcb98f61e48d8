import Dispatch
import GRDB
import SignetTestKit
import Synchronization
import Testing

@testable import SignetSQLite

@Suite("A fault of the engine", .timeLimit(.minutes(5)))
struct EngineFaultTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore

    init() async throws {
        folder = try TemporaryFolder()
        store = try .fixture(in: folder)
        try await store.makeScratch()
        try await store.write(insert(0))
    }

    @Test("fails everyone in the batch with the fault, keeps nothing of it, and the next batch works", arguments: Fault.allCases)
    func failsBatch(fault: Fault) async throws {
        let before = try #require(await store.write.writer)

        let results = try await store.together([insert(1), fault.work, insert(2)])

        for result in results {
            let error = #expect(throws: DatabaseError.self) { try result.get() }
            #expect(error?.resultCode == fault.code)
        }
        #expect(try await store.scratch() == [0])

        try await store.write(insert(3))
        #expect(try await store.scratch() == [0, 3])
        #expect(await store.write.writer !== before)
    }

    @Test("leaves a writer that syncs every commit and keeps foreign keys, as the first one did")
    func reopened() async throws {
        _ = try await store.together([Fault.full.work])

        let settings = try await store.write(WriterSettings.init)

        #expect(settings == WriterSettings(journalMode: "wal", synchronous: 2, foreignKeys: true))
    }

    @Test("by an interrupt in the middle of a statement fails the batch alone")
    func interrupt() async throws {
        let isRunning = Running()
        let endless: Work = { database in
            database.add(function: isRunning.function)
            let sql =
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO scratch (value) SELECT running(i + 1000) FROM n"
            try database.execute(sql: sql)
        }
        let writer = try #require(await store.write.writer)

        async let results = store.together([insert(1), endless, insert(2)])
        try await until { isRunning.flag.withLock(\.self) }
        writer.interrupt()

        for result in try await results {
            let error = #expect(throws: DatabaseError.self) { try result.get() }
            #expect(error?.resultCode == .SQLITE_INTERRUPT)
        }
        try await store.write(insert(3))
        #expect(try await store.scratch() == [0, 3])
    }

    @Test("by another program's lock fails the batch, and the next one works when the lock is gone")
    func locked() async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.file("signet.db"), configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }

        let error = await #expect(throws: DatabaseError.self) { try await store.write(insert(1)) }

        #expect(error?.resultCode == .SQLITE_BUSY)
        #expect(SQLiteProblem(try #require(error), path: "/d") == .locked("/d"))
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try await store.write(insert(2))
        #expect(try await store.scratch() == [0, 2])
    }

    @Test("at the commit itself fails the batch")
    func atCommit() async throws {
        // A deferred foreign key is looked at when the transaction ends: the cheapest way to a COMMIT that fails.
        let results = try await store.together([
            insert(1),
            { database in
                try database.execute(
                    sql: """
                        CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
                        CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED) STRICT;
                        INSERT INTO child VALUES (1);
                        """)
            },
        ])

        for result in results { #expect(throws: DatabaseError.self) { try result.get() } }
        try await store.write(insert(2))
        #expect(try await store.scratch() == [0, 2])
    }
}

/// Faults that a piece of work runs into.
enum Fault: CaseIterable {
    /// The disk is full, as far as SQLite is told.
    case full
    /// Reading or writing failed.
    case inputOutput
    /// The engine has given up the whole transaction, whatever the error that it gave.
    case transactionGone

    var code: ResultCode {
        switch self {
        case .full: .SQLITE_FULL
        case .inputOutput: .SQLITE_IOERR
        case .transactionGone: .SQLITE_CONSTRAINT
        }
    }

    var work: Work {
        switch self {
        case .full:
            { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                try database.execute(sql: "PRAGMA max_page_count = \(pages)")
                try database.execute(sql: "INSERT INTO scratch (value, filling) VALUES (99, zeroblob(1000000))")
            }
        case .inputOutput:
            { _ in throw DatabaseError(resultCode: .SQLITE_IOERR) }
        case .transactionGone:
            { try $0.execute(sql: "INSERT OR ROLLBACK INTO scratch (value) VALUES (0)") }
        }
    }
}

/// A function for SQL that says that its statement runs.
private final class Running: Sendable {
    let flag = Mutex(false)

    var function: DatabaseFunction {
        DatabaseFunction("running", argumentCount: 1) { values in
            self.flag.withLock { $0 = true }
            return values[0]
        }
    }
}
