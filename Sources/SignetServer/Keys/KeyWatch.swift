import Logging
import ServiceLifecycle
import SignetSessions
import SignetTokens

/// Looks whether the keys were changed, by whichever process, and has the ring read them anew; tells the others which keys it holds.
struct KeyWatch: Service {
    /// How often it looks: what an operator's command changes is known to this server after this and a little.
    private static let interval: Duration = .milliseconds(100)

    let store: any SessionStore
    let ring: KeyRing
    let server: ServerID
    /// How long this server lets verifiers keep the key set.
    let cacheTime: Duration
    /// A clock that only goes forward.
    let clock: any Clock<Duration>
    let logger: Logger

    /// Looks until the application shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown { await watch(clock) }
        try? await store.forgetServer(server)
    }

    private func watch<SomeClock: Clock<Duration>>(_ clock: SomeClock) async {
        var reported: (revision: Int64, at: SomeClock.Instant)?
        var hasFailed = false
        while !Task.isCancelled {
            do {
                try await ring.catchUp()
                let held = await ring.held
                let isDue = reported.map {
                    $0.revision != held.revision || $0.at.advanced(by: ServerReport.interval) <= clock.now
                }
                if isDue ?? true {
                    try await store.report(server, masterKeyID: held.masterKeyID ?? "", keyCacheTime: cacheTime)
                    if let reported, reported.revision != held.revision { logger.info("The keys were changed") }
                    reported = (held.revision, clock.now)
                }
                hasFailed = false
            } catch {
                // Once for each failure that goes on, and not ten times a second.
                if !hasFailed, !Task.isCancelled {
                    logger.error("The keys cannot be read anew", metadata: ["error.type": "\(type(of: error))"])
                }
                hasFailed = true
            }
            try? await clock.sleep(for: Self.interval)
        }
    }
}
