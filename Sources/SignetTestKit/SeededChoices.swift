/// Shorthand for what random histories and mutations ask of a generator.
extension SplitMix64 {
    /// A number from 0 to `bound` - 1; the bias of the remainder does not matter to a test.
    public mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// True about once in `count` times.
    public mutating func happens(onceIn count: Int) -> Bool {
        below(count) == 0
    }

    /// `count` random octets.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
    }
}
