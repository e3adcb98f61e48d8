import SignetClientTesting
import Testing

@Suite("The promises of a token store")
struct TokenStoreContractTests {
    @Test("hold for a store without a flaw", .timeLimit(.minutes(1)), arguments: TokenStoreContract.promises)
    func flawless(_ promise: TokenStoreContract) async throws {
        try await promise.hold(for: Place().trial(nil))
    }

    @Test("fail, each for the store that was made to break it", .timeLimit(.minutes(1)), arguments: TokenStoreContract.promises)
    func broken(_ promise: TokenStoreContract) async throws {
        let flaw = try #require(Flaw(rawValue: promise.testDescription), "No store breaks this promise.")

        await withKnownIssue {
            try await promise.hold(for: Place().trial(flaw))
        }
    }

    @Test("are all there that a broken store was made for")
    func complete() {
        let promises = TokenStoreContract.promises.map(\.testDescription)

        #expect(promises.count == Flaw.allCases.count)
        #expect(Flaw.allCases.map(\.rawValue).filter { !promises.contains($0) }.isEmpty)
    }
}
