import Logging
import Metrics
import ServiceLifecycle
import SignetSessions

/// Removes now and then what has expired, until the application shuts down.
struct CleanUp: Service {
    /// How long it rests before it goes through everything. At the start too: a machine whose clock is wrong when it boots has time to
    /// set it before rows are taken for old.
    static let interval: Duration = .seconds(600)

    let forget: ForgetExpired
    let clock: any Clock<Duration>
    let logger: Logger
    var metrics: any MetricsFactory = MetricsSystem.factory

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.interval)) != nil { await pass() }
        }
    }

    private func pass() async {
        var total = Forgotten()
        do {
            try await forget { forgotten in
                count(forgotten)
                total += forgotten
            }
        } catch {
            // A server that shuts down leaves the rest to the next one.
            if !Task.isCancelled {
                logger.warning("What has expired cannot be removed", metadata: ["error.type": "\(type(of: error))"])
            }
        }
        guard total != Forgotten() else { return }
        logger.info(
            "Removed what has expired", metadata: ["sessions": "\(total.sessions)", "revocations": "\(total.revocations)"])
    }

    private func count(_ forgotten: Forgotten) {
        for (kind, count) in [("session", forgotten.sessions), ("revocation", forgotten.revocations)] where count > 0 {
            Counter(label: "signet_forgotten_total", dimensions: [("kind", kind)], factory: metrics).increment(by: count)
        }
    }
}
