/// Which request meets which fault: written down, or drawn from a seed, so that a run can be repeated.
struct FaultPlan: Sendable {
    private enum Source: Sendable {
        case script([Fault])
        case chances(FaultChances, seed: UInt64)
    }

    private let source: Source

    /// These faults, one for each request in the order of arrival; those that come after meet none.
    init(_ faults: [Fault]) {
        source = .script(faults)
    }

    /// Random faults: the same seed, the same faults.
    init(_ chances: FaultChances, seed: UInt64) {
        source = .chances(chances, seed: seed)
    }

    /// The fault of the request of that number, from 0 on.
    func fault(of number: Int) -> Fault {
        switch source {
        case .script(let faults): return faults.indices.contains(number) ? faults[number] : .none
        case .chances(let chances, let seed):
            var draws = SeededDraws(seed: seed, number: number)
            return chances.fault(using: &draws)
        }
    }
}
