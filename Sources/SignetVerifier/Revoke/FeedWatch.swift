import SignetTokens
import Synchronization

/// When the feed was last known to be complete: what health, readiness and the ``SilencePolicy`` go by.
///
/// Only a byte after the end mark counts. While a snapshot or what was missed is still on its way, a revocation may be too.
final class FeedWatch: Sendable {
    /// Three of the server's heartbeats.
    static let silence: Duration = .seconds(45)
    /// How long readiness waits for the first snapshot, where the policy can do without it.
    static let patience: Duration = .seconds(10)

    private struct State {
        var startedAt: UnixTime?
        var completeAt: UnixTime?
        var isAnnounced = false

        func health(at now: UnixTime) -> FeedHealth {
            guard let since = completeAt ?? startedAt else { return .starting }
            // A clock that was set back says nothing about how long it was.
            let gap = since.duration(to: now)
            guard (.zero - FeedWatch.silence..<FeedWatch.silence).contains(gap) else { return .silent(since: since) }
            return completeAt == nil ? .starting : .current
        }
    }

    private let state = Mutex(State())

    /// The service runs.
    func start(at now: UnixTime) {
        state.withLock { $0.startedAt = $0.startedAt ?? now }
    }

    /// Everything up to now is known.
    /// - Returns: whether a silence that was announced is over.
    func hear(at now: UnixTime) -> Bool {
        state.withLock { state in
            state.completeAt = now
            defer { state.isAnnounced = false }
            return state.isAnnounced
        }
    }

    func health(at now: UnixTime) -> FeedHealth {
        state.withLock { $0.health(at: now) }
    }

    func isReady(at now: UnixTime, needsSnapshot: Bool) -> Bool {
        state.withLock { state in
            guard let startedAt = state.startedAt else { return false }
            if state.completeAt != nil { return true }
            return !needsSnapshot && now >= startedAt.advanced(by: Self.patience)
        }
    }

    /// How long ago everything was known.
    func lag(at now: UnixTime) -> Duration? {
        state.withLock { state in (state.completeAt ?? state.startedAt).map { max(.zero, $0.duration(to: now)) } }
    }

    /// When it is worth looking whether a silence has begun.
    func nextLook(at now: UnixTime) -> UnixTime {
        state.withLock { state in
            let due = (state.completeAt ?? state.startedAt ?? now).advanced(by: Self.silence)
            return due > now ? due : now.advanced(by: Self.silence)
        }
    }

    /// Since when there is a silence that nobody was told of yet; whoever asks sees to the telling.
    func silenceToAnnounce(at now: UnixTime) -> UnixTime? {
        state.withLock { state in
            guard !state.isAnnounced, case .silent(let since) = state.health(at: now) else { return nil }
            state.isAnnounced = true
            return since
        }
    }
}
