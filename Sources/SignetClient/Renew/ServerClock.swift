import SignetTokens

/// The server's clock as a client knows it: by the `Date` of the last answer, carried on by the monotonic clock.
struct ServerClock: Sendable {
    private var anchor: (moment: UnixTime, uptime: Duration)?

    /// Learns from an answer that arrived at `uptime`.
    mutating func learn(_ date: UnixTime?, at uptime: Duration) {
        if let date { anchor = (date, uptime) }
    }

    /// The present moment by the server's clock; before the first answer, by the device's clock and what it was off by.
    func now(_ clocks: ClientClocks, storedOffset: Duration) -> UnixTime {
        guard let anchor else { return clocks.now().advanced(by: storedOffset) }
        return anchor.moment.advanced(by: clocks.uptime() - anchor.uptime)
    }
}
