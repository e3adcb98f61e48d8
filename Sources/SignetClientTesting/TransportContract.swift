public import SignetClient
public import Testing

/// One promise that every `Transport` keeps: a sentence, and what shows that it is true.
///
/// The author of a transport writes one test, in which each promise is a case of its own:
///
///     @Test("keeps its promise", .timeLimit(.minutes(1)), arguments: TransportContract.promises)
///     func promise(_ promise: TransportContract) async throws {
///         try await promise.hold(for: NotesTransport())
///     }
///
/// The promises are tried against servers on 127.0.0.1. A transport that only brings `send` is held to ``sending`` alone.
public struct TransportContract: Sendable, CustomTestStringConvertible {
    private let sentence: String
    private let check: @Sendable (any Transport) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (any Transport) async throws -> Void) {
        self.sentence = sentence
        self.check = check
    }

    /// Every promise.
    public static let promises = sending + streaming + cutting

    /// The sentence, as a test's name.
    public var testDescription: String { sentence }

    /// Checks the promise; what is broken becomes an issue of the test that calls it.
    /// - Throws: what the transport throws where nothing should have failed.
    public func hold(for transport: some Transport) async throws {
        try await check(transport)
    }
}
