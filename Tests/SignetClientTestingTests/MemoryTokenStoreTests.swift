import SignetClient
import SignetClientTesting
import Testing

@Suite("The store in memory")
struct MemoryTokenStoreTests {
    @Test("keeps its promise", .timeLimit(.minutes(1)), arguments: TokenStoreContract.promises)
    func promise(_ promise: TokenStoreContract) async throws {
        let store = MemoryTokenStore()

        try await promise.hold(for: TokenStoreTrial { store })
    }
}
