import Dispatch
import GRDB
import SignetTestKit
import Synchronization

@testable import SignetSQLite

/// Holds the writer in the middle of a transaction until a test opens it.
final class WriterGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let holder: Task<Void, any Error>

    /// Returns once the writer stands at the gate.
    init(_ write: GroupCommit) async throws {
        let semaphore = semaphore
        let reached = Reached()
        holder = Task {
            try await write { _ in
                reached.flag.withLock { $0 = true }
                semaphore.wait()
            }
        }
        try await until { reached.flag.withLock(\.self) }
    }

    /// Lets the writer go on, and waits for its commit.
    func open() async throws {
        semaphore.signal()
        try await holder.value
    }

    private final class Reached: Sendable {
        let flag = Mutex(false)
    }
}

extension SQLiteStore {
    /// A new database, in a file of the folder.
    static func fixture(in folder: TemporaryFolder) throws -> SQLiteStore {
        try SQLiteStore(
            path: folder.file("signet.db"), create: true, clock: ManualClock(), readers: 2, patience: .milliseconds(20))
    }

    /// Runs all of `works` in one batch, and says what became of each.
    func together(_ works: [Work]) async throws -> [Result<Void, any Error>] {
        let gate = try await WriterGate(write)
        var tasks: [Task<Void, any Error>] = []
        for work in works {
            // One after the other, so that they stand in the batch in this order.
            let before = await write.passengers
            tasks.append(Task { try await write(work) })
            try await until { await write.passengers > before }
        }
        try await gate.open()
        var results: [Result<Void, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    /// A table to write to.
    func makeScratch() async throws {
        try await write { try $0.execute(sql: "CREATE TABLE scratch (value INTEGER PRIMARY KEY, filling BLOB) STRICT") }
    }

    /// What is in it, as a reader sees it.
    func scratch() async throws -> [Int] {
        try await readers.read { try Int.fetchAll($0, sql: "SELECT value FROM scratch ORDER BY value") }
    }
}

/// One caller's work in a batch.
typealias Work = @Sendable (Database) throws -> Void

/// Writes one row.
func insert(_ value: Int) -> Work {
    { try $0.execute(sql: "INSERT INTO scratch (value) VALUES (?)", arguments: [value]) }
}
