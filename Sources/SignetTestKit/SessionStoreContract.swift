package import SignetSessions
import Testing

/// One promise that every storage driver keeps: a sentence, and what shows that it is true.
///
///     @Test("keeps its promise", arguments: SessionStoreContract.promises)
///     func promise(_ promise: SessionStoreContract) async throws {
///         try await promise.hold { clock in try MyStore(clock: clock) }
///     }
package struct SessionStoreContract: Sendable, CustomTestStringConvertible {
    private let sentence: String
    private let check: @Sendable (StoreTrial) async throws -> Void

    package init(_ sentence: String, _ check: @escaping @Sendable (StoreTrial) async throws -> Void) {
        self.sentence = sentence
        self.check = check
    }

    /// Every promise, in the order of the story.
    package static let promises =
        signIn + grants + sessionLimit + renew + renewAgain + renewPolicies + races + revoke + revocationLog + expire + devices
        + accounts + clients + clientUpdates + keys + keyChanges + audit

    /// The sentence, as a test's name.
    package var testDescription: String { sentence }

    /// Checks the promise on a new, empty store that goes by the clock it is given.
    package func hold(for open: (ManualClock) async throws -> any SessionStore) async throws {
        let clock = ManualClock()
        try await check(StoreTrial(store: open(clock), clock: clock))
    }
}
