/// How likely each kind of fault is.
struct FaultChances: Sendable {
    /// A kind of fault, of which the details are drawn when it comes.
    enum Kind: Hashable, Sendable {
        case loseRequest, reset, loseAnswer, cutAnswer, delayAnswer, repeatRequest
        case answer(FakedAnswer)
    }

    /// The longest time between a request and the copy that follows its answer.
    private static let longestUntilCopy = 50

    /// Kinds and their shares of the requests, from 0 to 1 and together at most 1.
    let shares: [(kind: Kind, share: Double)]
    /// How late a delayed answer is.
    let delay: Duration

    /// What a bad day in a train is like: a third of the renewals are disturbed, most of them by an answer that is lost.
    static let usual: [(kind: Kind, share: Double)] = [
        (.loseAnswer, 0.2), (.loseRequest, 0.05), (.cutAnswer, 0.05), (.answer(.status(503)), 0.03), (.answer(.portal), 0.02),
    ]

    /// The fault that is drawn.
    func fault(using generator: inout some RandomNumberGenerator) -> Fault {
        var drawn = Double.random(in: 0..<1, using: &generator)
        for (kind, share) in shares {
            if drawn < share { return fault(kind, using: &generator) }
            drawn -= share
        }
        return .none
    }

    private func fault(_ kind: Kind, using generator: inout some RandomNumberGenerator) -> Fault {
        switch kind {
        case .loseRequest: return .loseRequest
        case .reset: return .reset
        case .loseAnswer: return .loseAnswer
        case .cutAnswer: return .cutAnswer(.random(in: 0..<1, using: &generator))
        case .delayAnswer: return .delayAnswer(delay)
        case .repeatRequest:
            let pause = Int.random(in: -Self.longestUntilCopy...Self.longestUntilCopy, using: &generator)
            return .repeatRequest(
                after: pause < 0 ? nil : .milliseconds(pause), answerWithCopy: .random(using: &generator))
        case .answer(let answer): return .answer(answer)
        }
    }
}
