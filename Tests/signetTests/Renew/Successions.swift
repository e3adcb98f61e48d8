import Synchronization
import Testing

/// Every renewal that any client saw: which token followed which. A token that was seen with two successors is what must never be.
final class Successions: Sendable {
    private struct State {
        var successors: [String: String] = [:]
        var forks = 0
        var attempts = 0
        var lost = 0
    }

    private let state = Mutex(State())

    /// How often a client has asked.
    var attempts: Int { state.withLock(\.attempts) }

    /// How often a client got no answer, or half of one.
    var lost: Int { state.withLock(\.lost) }

    /// How many tokens are known to have a successor.
    var count: Int { state.withLock(\.successors.count) }

    /// How many answers named another successor than one before.
    var forks: Int { state.withLock(\.forks) }

    func attempt() {
        state.withLock { $0.attempts += 1 }
    }

    func lose() {
        state.withLock { $0.lost += 1 }
    }

    /// A server has answered the renewal of `token` with `successor`, perhaps not for the first time.
    func record(_ successor: String, of token: String) {
        // Inside the window a keyless client keeps its token.
        guard successor != token else { return }
        let isFork = state.withLock { state in
            let known = state.successors.updateValue(successor, forKey: token)
            let isFork = known != nil && known != successor
            if isFork { state.forks += 1 }
            return isFork
        }
        // At once, for a fork ends in a reuse, and that would be what the test reports.
        if isFork { Issue.record("A token has been seen with two successors.") }
    }
}
