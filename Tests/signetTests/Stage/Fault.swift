/// What the network does to one request and its answer.
enum Fault: Hashable, Sendable {
    /// Nothing.
    case none
    /// The connection ends before the server has seen anything.
    case loseRequest
    /// The server does what it was asked, and the connection ends without a byte of the answer.
    case loseAnswer
    /// So much of the answer arrives, from 0 to just below 1; then the connection ends.
    case cutAnswer(Double)
    /// The whole answer arrives, but later.
    case delayAnswer(Duration)
    /// The request reaches the server twice, at the same time when `after` is `nil`, else so long after the first answer;
    /// the client gets the first answer, or that of the copy. A client that has been answered never meets the copy any more.
    case repeatRequest(after: Duration?, answerWithCopy: Bool)

    /// Whether the server sees a copy.
    var isRepeat: Bool {
        if case .repeatRequest = self { true } else { false }
    }

    /// Any fault but `none`, each kind as likely as the others; delays are at most 50 ms.
    static func random(using generator: inout some RandomNumberGenerator) -> Fault {
        let pause = Duration.milliseconds(Int.random(in: 0...50, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .loseRequest
        case 1: return .loseAnswer
        case 2: return .cutAnswer(.random(in: 0..<1, using: &generator))
        case 3: return .delayAnswer(pause)
        case 4: return .repeatRequest(after: nil, answerWithCopy: .random(using: &generator))
        default: return .repeatRequest(after: pause, answerWithCopy: .random(using: &generator))
        }
    }
}
