import SignetTestKit
import Synchronization

/// Which request meets which fault: written down, or drawn from a seed, so that a failure can be played again.
final class FaultPlan: Sendable {
    private struct State {
        var written: ArraySlice<Fault>
        var generator: SplitMix64
        let share: Double
    }

    private let state: Mutex<State>

    /// These faults, one for each request in the order of arrival; those that come after meet none.
    init(_ faults: [Fault]) {
        state = Mutex(State(written: faults[...], generator: SplitMix64(seed: 0), share: 0))
    }

    /// Random faults for the given share of the requests, from 0 to 1: the same seed, the same faults.
    init(seed: UInt64, share: Double) {
        state = Mutex(State(written: [], generator: SplitMix64(seed: seed), share: share))
    }

    /// The fault of the next request.
    func next() -> Fault {
        state.withLock { state in
            if let written = state.written.popFirst() { return written }
            guard Double.random(in: 0..<1, using: &state.generator) < state.share else { return .none }
            return .random(using: &state.generator)
        }
    }
}
