import SignetClient
import SignetClientTesting
import Testing

@Suite("The transport by URLSession, and what it promises")
struct URLSessionTransportContractTests {
    // Not `cutting`: cut within the header lines the answer would end the process, see the note at URLSessionTransport.
    @Test("keeps its promise", .timeLimit(.minutes(5)), arguments: TransportContract.sending + TransportContract.streaming)
    func promise(_ promise: TransportContract) async throws {
        try await promise.hold(for: URLSessionTransport())
    }
}
