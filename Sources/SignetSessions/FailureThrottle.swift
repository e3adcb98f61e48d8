package import SignetTokens

/// Slows guessing down: after a few failures the next try has to wait, and twice as long after each further one, up to a longest wait.
///
/// A pure value, which is told what time it is. Nobody is locked out for good: after its wait a key may try again, and after a while
/// without failures all is forgotten. It never holds more than its capacity: then the half that failed longest ago is forgotten.
package struct FailureThrottle<Key: Hashable & Sendable>: Sendable {
    private struct Failures {
        var count: Int
        var lastAt: UnixTime
    }

    private let free: Int
    private let firstWait: Duration
    private let longestWait: Duration
    private let memory: Duration
    private let capacity: Int
    private var failures: [Key: Failures] = [:]

    /// - Parameters:
    ///   - free: how many failures cost nothing.
    ///   - memory: how long after the last failure they are forgotten.
    ///   - capacity: how many keys are held at most.
    package init(
        free: Int, firstWait: Duration = .seconds(1), longestWait: Duration = .seconds(60), memory: Duration = .seconds(900),
        capacity: Int = 10_000
    ) {
        self.free = free
        self.firstWait = firstWait
        self.longestWait = longestWait
        self.memory = memory
        self.capacity = capacity
    }

    /// How many keys it holds.
    package var count: Int { failures.count }

    /// Whether a key has failed and that is not forgotten yet.
    package func hasFailed(_ key: Key, at now: UnixTime) -> Bool {
        remembered(key, at: now) != nil
    }

    /// How long a key has to wait until its next try; zero when it may try now.
    package func wait(for key: Key, at now: UnixTime) -> Duration {
        guard let failed = remembered(key, at: now), failed.count >= free else { return .zero }
        return max(.zero, now.duration(to: failed.lastAt.advanced(by: wait(after: failed.count))))
    }

    /// Remembers that a key has failed.
    package mutating func fail(_ key: Key, at now: UnixTime) {
        let before = remembered(key, at: now)?.count ?? 0
        failures[key] = Failures(count: before + 1, lastAt: now)
        if failures.count > capacity { forget(at: now) }
    }

    /// A clock that was set back makes nobody wait: what failed in the future is forgotten.
    private func remembered(_ key: Key, at now: UnixTime) -> Failures? {
        guard let failed = failures[key], failed.lastAt <= now, now < failed.lastAt.advanced(by: memory) else { return nil }
        return failed
    }

    private func wait(after count: Int) -> Duration {
        // From 2^20 on every sensible longest wait is reached.
        min(longestWait, firstWait * (1 << min(count - free, 20)))
    }

    private mutating func forget(at now: UnixTime) {
        let live = failures.filter { hasFailed($0.key, at: now) }
        let newest = live.sorted { $0.value.lastAt > $1.value.lastAt }.prefix(max(1, capacity / 2))
        failures = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
    }
}
