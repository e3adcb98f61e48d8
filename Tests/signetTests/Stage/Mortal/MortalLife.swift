/// What a life of a ``MortalProcess`` did, in the order in which it was done, and how it ended.
struct MortalLife: Sendable {
    /// How a life ended.
    enum End: Equatable, Sendable {
        /// At the step it was doomed to.
        case atStep
        /// By itself, with this status.
        case status(Int)
        /// By a signal that nobody ordered.
        case signal(Int)
        /// Not yet.
        case alive
    }

    /// A call that was done, and how many bytes it moved.
    struct Call: Equatable, Sendable {
        let name: String
        let place: String
        let bytes: Int

        /// Whether it is a part of what went over a connection.
        var isStream: Bool { place == "connection" && (name == "read" || name == "write") }

        /// Whether it is that call in that place.
        func `is`(_ name: String, _ place: String) -> Bool {
            self.name == name && self.place == place
        }
    }

    let end: End
    let calls: [Call]

    /// Every moment at which this life could have been cut off: before each call, and before each byte of those that moved some.
    var steps: [Step] { steps { 0..<max(1, $0) } }

    /// So many steps more in each call that moved bytes, for a life in which it moves a few more.
    func stepsBeyond(_ count: Int) -> [Step] { steps { $0 == 0 ? 0..<0 : $0..<$0 + count } }

    private func steps(_ bytes: (Int) -> Range<Int>) -> [Step] {
        var done: [[String]: Int] = [:]
        return calls.enumerated().flatMap { index, call -> [Step] in
            if call.isStream {
                // In how many pieces they went is chance.
                guard self.index(of: call.name, call.place) == index else { return [] }
                return bytes(moved(call.name, call.place)).map { Step(call.name, in: call.place, byte: $0) }
            }
            let number = done[[call.name, call.place], default: 0] + 1
            done[[call.name, call.place]] = number
            return bytes(call.bytes).map { Step(call.name, in: call.place, number: number, byte: $0) }
        }
    }

    /// How many bytes such calls moved altogether.
    func moved(_ name: String, _ place: String) -> Int {
        calls.filter { $0.is(name, place) }.map(\.bytes).reduce(0, +)
    }

    /// Reads a report of mortal.c.
    init?(_ report: String) {
        let lines = report.split(separator: "\n").map { $0.split(separator: " ") }
        guard let first = lines.first else { return nil }
        switch (first.first, first.dropFirst().first.flatMap { Int($0) }) {
        case ("died", _): end = .atStep
        case ("alive", _): end = .alive
        case ("exited", let status?): end = .status(status)
        case ("signal", let number?): end = .signal(number)
        default: return nil
        }
        calls = lines.dropFirst().compactMap { words in
            guard words.count == 3, let bytes = Int(words[2]) else { return nil }
            return Call(name: String(words[0]), place: String(words[1]), bytes: bytes)
        }
    }

    /// Whether the call that the step lies in was done, or begun and done with fewer bytes, so that there is no such step this time.
    func isWithout(_ step: Step) -> Bool {
        if step.place == "connection" { return moved(step.call, step.place) <= step.byte }
        let same = calls.filter { $0.is(step.call, step.place) }
        return same.count >= step.number && same[step.number - 1].bytes <= step.byte
    }

    /// Where a call stands for the first time at or after another.
    func index(of name: String, _ place: String, from start: Int = 0) -> Int? {
        calls[min(start, calls.count)...].firstIndex { $0.is(name, place) }
    }
}
