public import SignetTokens
import Synchronization

/// A small seeded generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators"): the same seed, the same history.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that always yields the same numbers for `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Reproducible bytes in place of the system's generator.
public func seededRandomBytes(_ seed: UInt64) -> RandomBytes {
    let generator = Mutex(SplitMix64(seed: seed))
    return { count in
        generator.withLock { generator in (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
    }
}
