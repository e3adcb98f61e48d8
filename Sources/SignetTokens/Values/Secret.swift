/// A value that must not be printed: a password, a token, a key.
///
/// It is neither `Codable` nor `Equatable`, and says `[secret]` wherever Swift would describe it, so that it cannot reach a
/// log or an error message by accident. Searching the code for `reveal` finds every place where it is used.
public struct Secret<Value: Sendable>: Sendable {
    private let value: Value

    /// Wraps a value at the edge where it enters.
    public init(_ value: Value) {
        self.value = value
    }

    /// Hands the value to `body`, which must not let it out except as a hash, a MAC or onto the wire.
    public func reveal<Result, Failure: Error>(
        _ body: (borrowing Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(value)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `[secret]`.
    public var description: String { "[secret]" }
    /// Always `[secret]`.
    public var debugDescription: String { "[secret]" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
