import ArgumentParser
import SignetServer

/// How likely each fault is, on the command line.
struct FaultOptions: ParsableArguments {
    @Option(help: "The server renews, and the connection ends without an answer.") var loseAnswers: Double?
    @Option(help: "The connection ends before the server has seen the request.") var loseRequests: Double?
    @Option(help: "A part of the answer comes, then the connection ends.") var cutAnswers: Double?
    @Option(help: "The answer comes later.") var delayAnswers: Double?
    @Option(help: "How much later, such as 3s.") var delay = "3s"
    @Option(help: "The server gets the request twice.") var repeatRequests: Double?
    @Option(help: "The connection is reset.") var reset: Double?
    @Option(name: .customLong("answer-429"), help: "A gateway answers 429.") var answer429: Double?
    @Option(name: .customLong("answer-503"), help: "A gateway answers 503.") var answer503: Double?
    @Option(name: .customLong("answer-504"), help: "The server renews, and a gateway answers 504.") var answer504: Double?
    @Option(help: "A captive portal answers with a page.") var captivePortal: Double?
    @Option(help: "A captive portal answers with a redirect.") var redirect: Double?

    /// Whether any was named.
    var isAny: Bool { given.contains { $0.share != nil } }

    /// What was named, or the usual.
    var chances: FaultChances {
        let shares = given.compactMap { kind, _, share in share.map { (kind: kind, share: $0) } }
        return FaultChances(shares: isAny ? shares : FaultChances.usual, delay: DurationText.duration(delay) ?? .zero)
    }

    /// - Throws: `ValidationError`.
    func check() throws {
        for (_, name, share) in given where share.map({ !(0...1).contains($0) }) ?? false {
            throw ValidationError("--\(name) is a share from 0 to 1, such as 0.2.")
        }
        guard given.reduce(0, { $0 + ($1.share ?? 0) }) <= 1 + 1e-9 else {
            throw ValidationError("All shares together are more than 1.")
        }
        guard DurationText.duration(delay) != nil else { throw ValidationError("'\(delay)' is not a time such as 3s.") }
    }

    private var given: [(kind: FaultChances.Kind, name: String, share: Double?)] {
        [
            (.loseAnswer, "lose-answers", loseAnswers), (.loseRequest, "lose-requests", loseRequests),
            (.cutAnswer, "cut-answers", cutAnswers), (.delayAnswer, "delay-answers", delayAnswers),
            (.repeatRequest, "repeat-requests", repeatRequests), (.reset, "reset", reset),
            (.answer(.status(429)), "answer-429", answer429), (.answer(.status(503)), "answer-503", answer503),
            (.answer(.status(504)), "answer-504", answer504), (.answer(.portal), "captive-portal", captivePortal),
            (.answer(.redirect), "redirect", redirect),
        ]
    }
}
