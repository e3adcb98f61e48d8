import Testing

@testable import signet

@Suite("A plan of faults")
struct FaultPlanTests {
    @Test("the same seed gives the same faults, another seed others")
    func isReproducible() {
        let plans = [7, 7, 8].map { FaultPlan(seed: $0, share: 0.5) }

        let faults = plans.map { plan in (0..<100).map { plan.fault(of: $0) } }

        #expect(faults[0] == faults[1])
        #expect(faults[0] != faults[2])
    }

    @Test("the share of faults is what was asked for, and each kind comes", arguments: [0.0, 0.3, 1.0])
    func keepsItsShare(share: Double) {
        let plan = FaultPlan(seed: 1, share: share)

        let faults = (0..<1000).map { plan.fault(of: $0) }.filter { $0 != .none }

        #expect(abs(Double(faults.count) / 1000 - share) < 0.05)
        #expect(Set(faults.map { "\($0)".prefix { $0 != "(" } }).count == (share == 0 ? 0 : 5))
    }

    @Test("a written plan is followed to its end; then the network is good")
    func followsWhatIsWritten() {
        let plan = FaultPlan([.loseAnswer, .cutAnswer(0.5)])

        #expect((0..<4).map { plan.fault(of: $0) } == [.loseAnswer, .cutAnswer(0.5), .none, .none])
    }
}
