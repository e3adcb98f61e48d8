/// What the network does to one request and its answer.
enum Fault: Hashable, Sendable {
    /// Nothing.
    case none
    /// The connection ends before the server has seen anything.
    case loseRequest
    /// As when the request is lost, but the connection is reset.
    case reset
    /// The server does what it was asked, and the connection ends without a byte of the answer.
    case loseAnswer
    /// So much of the answer arrives, from 0 to just below 1; then the connection ends.
    case cutAnswer(Double)
    /// So many bytes of the answer arrive, head and body counted together; then the connection ends.
    case cutAnswerAt(Int)
    /// The whole answer arrives, but later.
    case delayAnswer(Duration)
    /// The request reaches the server twice, at the same time when `after` is `nil`, else so long after the first answer;
    /// the client gets the first answer, or that of the copy. A client that has been answered never meets the copy any more.
    case repeatRequest(after: Duration?, answerWithCopy: Bool)
    /// Something between client and server answers.
    case answer(FakedAnswer)

    /// Whether the server sees a copy.
    var isRepeat: Bool {
        if case .repeatRequest = self { true } else { false }
    }

    /// Its kind, as scripts and reports call it.
    var word: String {
        switch self {
        case .none: "pass"
        case .loseRequest: "lose-request"
        case .reset: "reset"
        case .loseAnswer: "lose-answer"
        case .cutAnswer: "cut-answer"
        case .cutAnswerAt: "cut-answer-at"
        case .delayAnswer: "delay"
        case .repeatRequest: "repeat"
        case .answer(.status(let code)): "\(code)"
        case .answer(.portal): "html"
        case .answer(.redirect): "redirect"
        }
    }
}
