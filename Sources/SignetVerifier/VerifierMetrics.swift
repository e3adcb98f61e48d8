import CoreMetrics
import SignetTokens

/// The verifier's two counters, by outcome.
struct VerifierMetrics: Sendable {
    /// What the verifier was asked and said.
    enum Verification: String {
        case verified, remembered, unavailable, unknown
    }

    /// How a fetch of the keys ended.
    enum Refresh: String {
        case fetched, failed
    }

    private let factory: any MetricsFactory
    private let remembered: Counter

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        // Made once: it is the one that counts on the shortest path.
        remembered = Self.verifications(Verification.remembered.rawValue, factory)
    }

    func count(_ verification: Verification) {
        switch verification {
        case .remembered: remembered.increment()
        case .verified, .unavailable, .unknown: Self.verifications(verification.rawValue, factory).increment()
        }
    }

    func count(_ refusal: TokenError) {
        Self.verifications("\(refusal)", factory).increment()
    }

    func count(_ refresh: Refresh) {
        Counter(label: "signet_verifier_key_refreshes", dimensions: [("outcome", refresh.rawValue)], factory: factory).increment()
    }

    private static func verifications(_ outcome: String, _ factory: any MetricsFactory) -> Counter {
        Counter(label: "signet_verifier_tokens", dimensions: [("outcome", outcome)], factory: factory)
    }
}
