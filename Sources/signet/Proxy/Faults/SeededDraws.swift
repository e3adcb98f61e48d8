import SignetTokens

/// What is drawn for one request: a function of seed and number alone, so that a run can be repeated whatever happens in between.
struct SeededDraws: RandomNumberGenerator {
    private enum Drawn {}

    private let seed: UInt64
    private let number: Int
    private var count = 0

    init(seed: UInt64, number: Int) {
        self.seed = seed
        self.number = number
    }

    mutating func next() -> UInt64 {
        count += 1
        let hash = SHA256Hash<Drawn>(of: "\(seed) \(number) \(count)".utf8)
        return hash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
