import SignetServer

/// A script of faults: one line for each renewal, in the order in which they come; `#` begins a comment, and empty lines say nothing.
enum FaultScript {
    /// A line that is not one of the words.
    struct Problem: Error, Equatable {
        let line: Int
        let text: String
    }

    /// The words, as the help and the error name them.
    static let words =
        "pass, lose-request, reset, lose-answer, cut-answer-at BYTES, delay TIME, repeat, 401, 403, 429, 500, 502, 503, 504, html or redirect"

    /// The statuses that something between client and server may answer with.
    private static let statuses = [401, 403, 429, 500, 502, 503, 504]

    /// Reads a script.
    static func faults(in text: String) throws(Problem) -> [Fault] {
        var faults: [Fault] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { continue }
            guard let fault = fault(words) else {
                throw Problem(line: index + 1, text: words.joined(separator: " "))
            }
            faults.append(fault)
        }
        return faults
    }

    private static func fault(_ words: [String]) -> Fault? {
        switch (words[0], words.count) {
        case ("pass", 1): .some(.none)
        case ("lose-request", 1): .loseRequest
        case ("reset", 1): .reset
        case ("lose-answer", 1): .loseAnswer
        case ("cut-answer-at", 2): Int(words[1]).flatMap { $0 >= 0 ? .cutAnswerAt($0) : nil }
        case ("delay", 2): DurationText.duration(words[1]).map(Fault.delayAnswer)
        case ("repeat", 1): .repeatRequest(after: nil, answerWithCopy: false)
        case ("html", 1): .answer(.portal)
        case ("redirect", 1): .answer(.redirect)
        case (let word, 1): Int(word).flatMap { statuses.contains($0) ? .answer(.status($0)) : nil }
        default: nil
        }
    }
}
