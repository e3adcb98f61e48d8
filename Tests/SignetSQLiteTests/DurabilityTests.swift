import Foundation
import GRDB
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSQLite

@Suite("What was answered", .timeLimit(.minutes(5)))
struct DurabilityTests {
    @Test("is in the files at that moment, as a machine that loses its power leaves them")
    func inTheFiles() async throws {
        let folder = try TemporaryFolder()
        let trial = StoreTrial(store: try SQLiteStore.fixture(in: folder), clock: ManualClock())
        let device = try await trial.device(of: trial.begin())

        for generation in 0..<5 {
            try await trial.rotate(device.token(generation), keyed: .fresh)

            let copy = try TemporaryFolder()
            try copyFiles(from: folder, to: copy)
            let reopened = try SQLiteStore(path: copy.file("signet.db"), create: false, clock: trial.clock)
            let standing = try await reopened.standing(of: device.session, user: device.user, defaults: trial.defaults)
            #expect(standing?.session.row.current == device.token(generation + 1).hash)
        }
    }

    @Test("is there when the database is opened again")
    func openedAgain() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        let first = StoreTrial(store: try SQLiteStore.fixture(in: folder), clock: clock)
        let user = try await first.begin()
        let kept = try await first.device(of: user)
        let ended = try await first.device(of: user)
        try await first.rotate(kept.token(0))
        _ = try await first.revoke(ended)
        let events = try await first.events()

        let second = StoreTrial(
            store: try SQLiteStore(path: folder.file("signet.db"), create: false, clock: clock), clock: clock)

        #expect(try await second.standing(of: kept)?.session.row.generation == 1)
        #expect(try await second.standing(of: ended)?.ending == .signedOut)
        #expect(try await second.events() == events)
        #expect(try await second.store.foundation()?.issuer == StoreTrial.issuer)
    }

    @Test("is read by others while the writer stands in the middle of a transaction")
    func readersDoNotWait() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore.fixture(in: folder)
        let trial = StoreTrial(store: store, clock: ManualClock())
        let user = try await trial.begin()
        let device = try await trial.device(of: user)
        let gate = try await WriterGate(store.write)
        let renewal = Task { try await trial.rotate(device.token(0)) }
        try await until { await store.write.passengers == 1 }

        #expect(try await trial.standing(of: device)?.session.row.generation == 0)
        #expect(try await store.sessions(of: user.id, after: nil, limit: 10, defaults: trial.defaults).count == 1)
        #expect(try await store.credentials(of: .fixture("Ada")) != nil)
        #expect(try await store.foundation() != nil)
        try await store.checkHealth()

        try await gate.open()
        #expect(try await renewal.value.decision == .rotate(to: 1))
        #expect(try await trial.standing(of: device)?.session.row.generation == 1)
    }

    /// By another process: to close a file that SQLite has open in this one would drop its locks.
    private func copyFiles(from folder: TemporaryFolder, to copy: TemporaryFolder) throws {
        for name in ["signet.db", "signet.db-wal"] {
            try #require(try Process.run("/bin/cp", folder.file(name), copy.file(name)) == 0)
        }
    }
}

extension Process {
    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: String...) throws -> Int32 {
        let process = try run(URL(fileURLWithPath: program), arguments: arguments)
        process.waitUntilExit()
        return process.terminationStatus
    }
}
