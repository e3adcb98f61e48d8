public import Testing

/// One promise that every token store keeps: a sentence, and what shows that it is true.
///
/// The author of a store writes one test, in which each promise is a case of its own with an empty place of its own:
///
///     @Test("keeps its promise", .timeLimit(.minutes(1)), arguments: TokenStoreContract.promises)
///     func promise(_ promise: TokenStoreContract) async throws {
///         let folder = try EmptyFolder()
///         try await promise.hold(for: TokenStoreTrial { NotesTokenStore(folder.file("tokens")) })
///     }
///
/// ``TokenStoreTrial`` says what else can be handed in: a way to damage what is stored, and a process that dies with the lock.
/// The time limit is for stores that wait where they must not.
///
/// No test can see that what was written survives a loss of power, nor that a process killed in the middle of a write leaves the old
/// session or the new one: read your code for that, sync what you write before you return, and replace it in one step.
public struct TokenStoreContract: Sendable, CustomTestStringConvertible {
    private let sentence: String
    private let check: @Sendable (TokenStoreTrial) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (TokenStoreTrial) async throws -> Void) {
        self.sentence = sentence
        self.check = check
    }

    /// Every promise.
    public static let promises = keeping + sharing + cancelling + trouble + locking

    /// The sentence, as a test's name.
    public var testDescription: String { sentence }

    /// Checks the promise; what is broken becomes an issue of the test that calls it.
    ///
    /// A promise for which the trial lacks something is cancelled, with the reason, so that the list shows what was not looked at.
    /// - Throws: what the store or the trial throws where nothing should have failed.
    public func hold(for trial: TokenStoreTrial) async throws {
        try await check(trial)
    }
}
