import CoreMetrics
import SignetTokens

/// What an operator sees of the feed's reader: its state, how far behind it is, what it holds, and what came.
struct FeedMetrics: Sendable {
    /// What became of an event.
    enum Event: String {
        /// A revocation that was not known.
        case applied
        /// One that was, for order and duplicates are harmless (RFC 8417, section 4).
        case known
        /// Genuine, and of a kind that is not understood.
        case ignored
        /// Not the issuer's, or not readable.
        case forged
    }

    private let factory: any MetricsFactory
    private let state: Gauge
    private let lag: Gauge
    private let entries: Gauge

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        state = Gauge(label: "signet_verifier_feed_state", factory: factory)
        lag = Gauge(label: "signet_verifier_feed_lag_seconds", factory: factory)
        entries = Gauge(label: "signet_verifier_revocations", factory: factory)
    }

    func count(_ event: Event) {
        Counter(label: "signet_verifier_feed_events", dimensions: [("outcome", event.rawValue)], factory: factory).increment()
    }

    func count(_ end: FeedEnd) {
        Counter(label: "signet_verifier_feed_connections", dimensions: [("outcome", end.reason)], factory: factory).increment()
    }

    /// Tells how things stand.
    func record(_ health: FeedHealth, lag behind: Duration?, entries count: Int) {
        state.record(health.code)
        lag.record(Double(behind?.wholeMilliseconds ?? 0) / 1000)
        entries.record(count)
    }
}
