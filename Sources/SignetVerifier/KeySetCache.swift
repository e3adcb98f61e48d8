import Logging
import SignetTokens
import Synchronization

/// The issuer's keys as this process knows them: fetched once for everybody who waits, kept while the server is away (VER-13).
actor KeySetCache {
    /// The first pause after a failure while no key is held; it doubles up to the cool-down.
    static let shortestPause: Duration = .seconds(1)

    private let fetch: FetchKeySet
    private let coolDown: Duration
    private let clock: any WallClock
    private let metrics: VerifierMetrics
    private let logger: Logger

    /// Read without waiting for the actor: on the shortest path nothing is awaited.
    private nonisolated let held = Mutex<HeldKeys?>(nil)

    private var flight: Task<Void, Never>?
    private var failures = 0
    private var triedAt: UnixTime?
    private var askedForUnknownKeyAt: UnixTime?

    /// How many callers wait for the fetch that is under way.
    private(set) var passengers = 0

    init(fetch: FetchKeySet, coolDown: Duration, clock: any WallClock, metrics: VerifierMetrics, logger: Logger) {
        self.fetch = fetch
        self.coolDown = coolDown
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    /// The keys, when they need no asking.
    nonisolated var fresh: HeldKeys? {
        held.withLock { held in held.flatMap { $0.areFresh(at: clock.now) ? $0 : nil } }
    }

    /// The keys to verify with: fetched when there are none or they are stale, and stale ones rather than none.
    func keys() async throws(KeysUnavailable) -> HeldKeys {
        if let fresh { return fresh }
        if flight != nil || hasPassed(pause, since: triedAt) {
            if let stale, failures > 0 {
                // The server is away: one try goes out each cool-down, and nobody waits for it.
                _ = flight ?? takeOff()
                return stale
            }
            await refresh()
        }
        guard let keys = stale else { throw KeysUnavailable(retryAfter: pause) }
        return keys
    }

    /// Newer keys than `old`, in which a token's key was not found; `nil` when there are none, or none may be asked for yet.
    func keys(after old: HeldKeys) async -> HeldKeys? {
        if stale?.generation == old.generation {
            // Anybody can name a key that does not exist: however many do, the server is asked once a cool-down.
            guard flight != nil || hasPassed(coolDown, since: askedForUnknownKeyAt) else { return nil }
            if flight == nil { askedForUnknownKeyAt = clock.now }
            await refresh()
        }
        return stale.flatMap { $0.generation > old.generation ? $0 : nil }
    }

    /// Fetches before the keys go stale, until the task is cancelled.
    func keepFresh() async {
        while !Task.isCancelled {
            let task = flight ?? takeOff()
            // The service ends: nobody needs the answer any more, and a shutdown waits for no server.
            await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            try? await clock.sleep(until: nextRefreshAt, tolerance: nil)
        }
    }

    /// Fetches now, together with everybody who waits for the same.
    func refresh() async {
        passengers += 1
        defer { passengers -= 1 }
        await (flight ?? takeOff()).value
    }

    /// Fetches now, whatever the cool-down says: somebody who is trusted said that the keys have changed. A fetch that is under way may
    /// have been answered before they did, so it is waited for and not joined.
    func refetch() async {
        await flight?.value
        await refresh()
    }

    private func takeOff() -> Task<Void, Never> {
        triedAt = clock.now
        let task = Task {
            defer { flight = nil }
            do {
                accept(try await fetch())
            } catch {
                if !Task.isCancelled { keepOldKeys(because: error) }
            }
        }
        flight = task
        return task
    }

    private func accept(_ fetched: FetchedKeySet) {
        failures = 0
        let now = clock.now
        held.withLock { held in
            held = HeldKeys(
                fetched.keySet, generation: (held?.generation ?? 0) + 1, fetchedAt: now, lifetime: fetched.lifetime)
        }
        metrics.count(.fetched)
    }

    private func keepOldKeys(because error: any Error) {
        failures += 1
        metrics.count(.failed)
        logger.log(
            level: stale == nil ? .error : .warning, "Signing keys could not be fetched",
            metadata: [
                "error.type": "\(type(of: error))", "reason": "\((error as? KeySetFault)?.reason ?? "unreachable")",
            ])
    }

    private var stale: HeldKeys? { held.withLock { $0 } }

    /// How long nobody asks after the last try: the cool-down, but shorter at first while there is no key at all.
    private var pause: Duration {
        guard stale == nil else { return coolDown }
        return min(coolDown, Self.shortestPause * (1 << min(max(failures - 1, 0), 16)))
    }

    private var nextRefreshAt: UnixTime {
        if failures == 0, let stale { return stale.refreshAt }
        return (triedAt ?? clock.now).advanced(by: max(pause, Self.shortestPause))
    }

    /// A clock that was set back counts as passed, or nobody would ask until it has caught up.
    private func hasPassed(_ duration: Duration, since moment: UnixTime?) -> Bool {
        guard let moment else { return true }
        let now = clock.now
        return now < moment || now >= moment.advanced(by: duration)
    }
}
