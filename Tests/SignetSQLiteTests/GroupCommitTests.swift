import GRDB
import SignetTestKit
import Synchronization
import Testing

@testable import SignetSQLite

@Suite("Group commit", .timeLimit(.minutes(5)))
struct GroupCommitTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore

    init() async throws {
        folder = try TemporaryFolder()
        store = try .fixture(in: folder)
        try await store.makeScratch()
    }

    @Test("commits together what gathered while one commit was running", arguments: [1, 2, 64, 500])
    func together(count: Int) async throws {
        let counter = CommitCounter()
        try await store.write { $0.add(transactionObserver: counter, extent: .databaseLifetime) }
        let before = counter.commits

        let results = try await store.together((0..<count).map { insert($0) })

        // One for the gate, one for all that waited behind it.
        #expect(counter.commits - before == 2)
        #expect(results.allSatisfy { (try? $0.get()) != nil })
        #expect(try await store.scratch() == Array(0..<count))
    }

    @Test("answers only when the row can be read by others")
    func answersAfterCommit() async throws {
        for value in 0..<20 {
            try await store.write(insert(value))

            #expect(try await store.scratch().last == value)
        }
    }

    @Test("gives each what its own work returned")
    func results() async throws {
        let results = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<20 { group.addTask { (number, try await store.write { _ in number }) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(results.allSatisfy { $0.0 == $0.1 })
    }

    @Test("rolls back a refusal alone, and nothing of the others")
    func refusal() async throws {
        struct Refused: Error {}

        let results = try await store.together([
            insert(1),
            { database in
                try insert(2)(database)
                throw Refused()
            },
            insert(3),
        ])

        #expect(throws: Never.self) { try results[0].get() }
        #expect(throws: Refused.self) { try results[1].get() }
        #expect(throws: Never.self) { try results[2].get() }
        #expect(try await store.scratch() == [1, 3])
    }

    @Test("rolls back a broken constraint alone, and nothing of the others")
    func constraint() async throws {
        let results = try await store.together([
            insert(1),
            { database in
                try insert(2)(database)
                try insert(1)(database)
            },
            insert(3),
        ])

        let error = #expect(throws: DatabaseError.self) { try results[1].get() }
        #expect(error?.resultCode == .SQLITE_CONSTRAINT)
        #expect(try await store.scratch() == [1, 3])
    }

    @Test("goes on with work whose caller has gone")
    func cancellation() async throws {
        let gate = try await WriterGate(store.write)
        let task = Task { try await store.write(insert(1)) }
        try await until { await store.write.passengers == 1 }

        task.cancel()
        try await gate.open()

        try await task.value
        #expect(try await store.scratch() == [1])
    }

    @Test("takes no more than it has room for, and recovers")
    func overloaded() async throws {
        let file = SQLiteFile(path: folder.file("signet.db"), patience: .seconds(1))
        let write = GroupCommit(file: file, writer: try file.openWriter(), maximumWaiting: 2)
        let gate = try await WriterGate(write)
        let waiting = [Task { try await write(insert(1)) }, Task { try await write(insert(2)) }]
        try await until { await write.passengers == 2 }

        await #expect(throws: WriterOverloaded.self) { try await write(insert(3)) }

        try await gate.open()
        for task in waiting { try await task.value }
        try await write(insert(4))
        #expect(try await store.scratch() == [1, 2, 4])
    }

    @Test("keeps the order in which work came")
    func order() async throws {
        let seen = Mutex<[Int]>([])
        let works = (0..<50).map { number -> Work in { _ in seen.withLock { $0.append(number) } } }

        _ = try await store.together(works)

        #expect(seen.withLock(\.self) == Array(0..<50))
    }
}

/// Counts a connection's commits.
private final class CommitCounter: TransactionObserver, Sendable {
    private let count = Mutex(0)

    var commits: Int { count.withLock(\.self) }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ database: Database) { count.withLock { $0 += 1 } }
    func databaseDidRollback(_ database: Database) {}
}
