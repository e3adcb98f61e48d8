package import SignetTokens

extension UnixTime {
    /// This moment as people say it at another one: `3 minutes ago`, `in 2 days`, `now`; the largest unit that fits, rounded down.
    package func seen(from now: UnixTime) -> String {
        let seconds = duration(to: now).wholeSeconds
        guard seconds != 0 else { return "now" }
        let span = Self.span(seconds.magnitude)
        return seconds > 0 ? "\(span) ago" : "in \(span)"
    }

    private static func span(_ seconds: UInt64) -> String {
        let units: [(name: String, seconds: UInt64)] = [("day", 86_400), ("hour", 3600), ("minute", 60)]
        let unit = units.first { seconds >= $0.seconds } ?? ("second", 1)
        let count = seconds / unit.seconds
        return count == 1 ? "1 \(unit.name)" : "\(count) \(unit.name)s"
    }
}
