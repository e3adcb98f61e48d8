import Foundation

/// How long something takes as a rule, and how long at the worst that still matters.
struct Percentiles {
    let count: Int
    let p50: Duration
    let p99: Duration

    init(_ durations: [Duration]) {
        let sorted = durations.sorted()
        count = sorted.count
        p50 = sorted.isEmpty ? .zero : sorted[sorted.count / 2]
        p99 = sorted.isEmpty ? .zero : sorted[sorted.count * 99 / 100]
    }
}

/// Prints one line: what, how long, and its ratio to a baseline.
func report(_ name: String, _ percentiles: Percentiles, against baseline: Percentiles? = nil) {
    func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
    let padded = name.padding(toLength: 58, withPad: " ", startingAt: 0)
    let times = String(format: "p50 %7.2f ms  p99 %7.2f ms", milliseconds(percentiles.p50), milliseconds(percentiles.p99))
    let ratio = baseline.map { String(format: "  x %.2f  x %.2f", percentiles.p50 / $0.p50, percentiles.p99 / $0.p99) } ?? ""
    print(padded + times + ratio + "  (\(percentiles.count))")
}
