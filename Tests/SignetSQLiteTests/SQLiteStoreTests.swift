import SignetSQLite
import SignetTestKit
import Testing

@Suite("The embedded store", .timeLimit(.minutes(5)))
struct SQLiteStoreTests {
    @Test("keeps its promise", arguments: SessionStoreContract.promises)
    func promise(_ promise: SessionStoreContract) async throws {
        let folder = try TemporaryFolder()
        try await promise.hold { clock in
            try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock)
        }
    }
}
