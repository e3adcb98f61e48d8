import struct Foundation.Date

/// The clock by which lifetimes are counted: a `Clock` whose instants are moments since 1970.
///
/// It enters through parameters, so that tests move it by hand and never sleep.
public protocol WallClock: Clock, Sendable where Instant == UnixTime, Duration == Swift.Duration {}

/// The machine's own clock.
public struct SystemWallClock: WallClock {
    /// The machine's clock.
    public init() {}

    /// The present moment.
    public var now: UnixTime { UnixTime(Date()) }

    /// One millisecond.
    public var minimumResolution: Duration { .milliseconds(1) }

    /// Sleeps until the clock shows `deadline`; looks again after waking, for the machine's clock may have been set meanwhile.
    public func sleep(until deadline: UnixTime, tolerance: Duration?) async throws {
        while now < deadline {
            // In steps, so that a clock set forward ends the sleep soon.
            try await Task.sleep(for: min(now.duration(to: deadline), .seconds(60)), tolerance: tolerance)
        }
    }
}
