import Foundation

/// How often something happens in a second.
struct Rate {
    let perSecond: Double

    /// Does `work` over and over for a while, in batches between looks at the clock.
    static func measure(batch: Int = 1, lasting: Duration = .seconds(2), _ work: () throws -> Void) rethrows -> Rate {
        for _ in 0..<batch { try work() }
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0
        repeat {
            for _ in 0..<batch { try work() }
            count += batch
        } while start.duration(to: clock.now) < lasting
        return Rate(count: count, in: start.duration(to: clock.now))
    }

    init(count: Int, in duration: Duration) {
        perSecond = Double(count) / (duration / .seconds(1))
    }
}

/// Prints one line: what, how often in a second, and its ratio to a baseline.
func report(_ name: String, _ rate: Rate, against baseline: Rate? = nil) {
    let padded = name.padding(toLength: 58, withPad: " ", startingAt: 0)
    let ratio = baseline.map { String(format: "  x %.2f", rate.perSecond / $0.perSecond) } ?? ""
    print(padded + String(format: "%10.0f /s", rate.perSecond) + ratio)
}
