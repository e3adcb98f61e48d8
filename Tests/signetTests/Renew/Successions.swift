import Synchronization

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
        state.withLock { state in
            if let known = state.successors.updateValue(successor, forKey: token), known != successor { state.forks += 1 }
        }
    }
}
