/// A source of random bytes, passed in wherever a secret or an id is made: `count` bytes from a cryptographic generator, or a seeded one in tests.
public typealias RandomBytes = @Sendable (_ count: Int) -> [UInt8]

/// Bytes from the system's cryptographic generator.
public let systemRandomBytes: RandomBytes = { count in
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
