import GRDB
import Synchronization

/// The one writer: commits together what has gathered while the commit before was running, so that many renewals share one sync of the disk.
///
/// An answer leaves only after its commit. A refusal or a broken constraint rolls back its own savepoint alone; a fault of the engine
/// fails the whole batch, and the connection is opened anew before the next.
actor GroupCommit {
    private typealias Operation = @Sendable (Database) throws -> Void

    private let file: SQLiteFile
    private let maximumWaiting: Int
    private(set) var writer: DatabaseQueue?
    private var waiting: [Operation] = []
    private var next: Task<Void, any Error>?
    private var running: Task<Void, any Error>?

    init(file: SQLiteFile, writer: DatabaseQueue, maximumWaiting: Int = 10_000) {
        self.file = file
        self.writer = writer
        self.maximumWaiting = maximumWaiting
    }

    /// How many wait for the next commit.
    var passengers: Int { waiting.count }

    /// Runs `work` in a savepoint of the next commit, and returns when that is durable.
    ///
    /// The caller's cancellation does not take the work back: others share its commit.
    /// - Throws: what `work` throws; the engine's fault; ``WriterOverloaded``.
    func callAsFunction<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        guard waiting.count < maximumWaiting else { throw WriterOverloaded() }
        let passenger = Passenger(work)
        waiting.append(passenger.board)
        let commit = next ?? startNext()
        try await commit.value
        return try passenger.outcome()
    }

    /// Closes the connection when what has gathered is committed.
    func close() async throws {
        while let commit = next ?? running {
            _ = await commit.result
            if next == nil, running == commit { running = nil }
        }
        try writer?.close()
        writer = nil
    }

    private func startNext() -> Task<Void, any Error> {
        let commit = Task { [running] in
            _ = await running?.result
            try await commitWaiting()
        }
        next = commit
        return commit
    }

    private func commitWaiting() async throws {
        running = next
        next = nil
        let batch = waiting
        waiting = []
        do {
            try await openedWriter().writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for operation in batch { try operation(database) }
                    return .commit
                }
            }
        } catch {
            try? writer?.close()
            writer = nil
            throw error
        }
    }

    private func openedWriter() throws -> DatabaseQueue {
        if let writer { return writer }
        let opened = try file.openWriter()
        writer = opened
        return opened
    }
}

/// More work is waiting for the disk than the server holds; come again in a moment.
package struct WriterOverloaded: Error {}

/// One piece of work in a batch, and what became of it.
private final class Passenger<Value: Sendable>: Sendable {
    private let work: @Sendable (Database) throws -> Value
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(_ work: @escaping @Sendable (Database) throws -> Value) {
        self.work = work
    }

    /// - Throws: the engine's faults alone.
    @Sendable func board(_ database: Database) throws {
        do {
            var value: Value?
            try database.inSavepoint {
                value = try work(database)
                return .commit
            }
            if let value { result.withLock { $0 = .success(value) } }
        } catch let error as DatabaseError where error.isEngineFault {
            throw error
        } catch {
            // Where the engine has given up the transaction, what the others wrote went with it.
            guard database.isInsideTransaction else { throw error }
            result.withLock { $0 = .failure(error) }
        }
    }

    func outcome() throws -> Value {
        guard let result = result.withLock(\.self) else { throw CancellationError() }
        return try result.get()
    }
}
