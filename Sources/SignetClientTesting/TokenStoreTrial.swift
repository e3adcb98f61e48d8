public import SignetClient
import Testing

/// A store on trial: how to open it, and how to bring it into the situations that it must be good for.
///
///     TokenStoreTrial(
///         damage: TokenStoreDamage(spoil: { try folder.flipBits() }, mend: { try folder.flipBits() }),
///         holdElsewhere: { whileHeld in
///             let other = try OtherProcess(locking: folder)
///             try await whileHeld()
///             try await other.kill()
///         },
///         open: { NotesTokenStore(folder.file("tokens")) })
public struct TokenStoreTrial: Sendable {
    /// Gives another instance of the store, always at the same place, where nothing is stored when the trial begins.
    let open: @Sendable () async throws -> any TokenStore

    private let damage: TokenStoreDamage?
    private let holdElsewhere: (@Sendable (_ whileHeld: () async throws -> Void) async throws -> Void)?

    /// A trial of the store that `open` gives.
    /// - Parameters:
    ///   - damage: makes what is stored unreadable; `nil` for a store to which that cannot happen, as one in memory.
    ///   - holdElsewhere: starts another process that takes the store's lock, calls `whileHeld` when it has it, then kills the process
    ///     and returns when it is dead; `nil` for a store that processes do not share.
    ///   - open: gives another instance of the store, always at the same place, which is empty at first. Where instances cannot
    ///     share a place, gives the same instance again.
    public init(
        damage: TokenStoreDamage? = nil,
        holdElsewhere: (@Sendable (_ whileHeld: () async throws -> Void) async throws -> Void)? = nil,
        open: @escaping @Sendable () async throws -> any TokenStore
    ) {
        self.damage = damage
        self.holdElsewhere = holdElsewhere
        self.open = open
    }

    /// The way to damage what is stored; without one the promise is cancelled.
    func requireDamage() throws -> TokenStoreDamage {
        guard let damage else { try Test.cancel("Nothing was handed in that makes what is stored unreadable.") }
        return damage
    }

    /// Runs `body` while another process, which is then killed, holds the lock; without such a process the promise is cancelled.
    func withHolderThatDies(_ body: () async throws -> Void) async throws {
        guard let holdElsewhere else { try Test.cancel("No other process was handed in that takes the lock.") }
        try await holdElsewhere(body)
    }
}
