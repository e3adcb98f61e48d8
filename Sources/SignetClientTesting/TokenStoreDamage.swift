/// A way to make what a store holds unreadable, and back.
///
/// Best is one that changes what is stored where it stands, such as flipping every bit of it: then mending also shows whether the
/// store has kept its hands off meanwhile. Putting a copy back would hide that.
public struct TokenStoreDamage: Sendable {
    let spoil: @Sendable () async throws -> Void
    let mend: @Sendable () async throws -> Void

    /// Damage that `spoil` does and `mend` undoes.
    public init(spoil: @escaping @Sendable () async throws -> Void, mend: @escaping @Sendable () async throws -> Void) {
        self.spoil = spoil
        self.mend = mend
    }
}
