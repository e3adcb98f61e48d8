package import SignetTokens

/// Why a token is, or is not, accepted: a verdict, and the facts that it rests on. It never holds the token itself, or a hash of it.
package struct Explanation: Sendable {
    /// What would become of the token if it were presented now.
    package enum Verdict: String, Hashable, Sendable {
        case accepted, refused
        /// What would have to be known is not known here.
        case unknown
    }

    /// One thing that is known.
    package enum Fact: Hashable, Sendable {
        case text(String), number(Int64), flag(Bool), list([String]), moment(UnixTime)
    }

    package let verdict: Verdict
    /// The verdict's reason: a sentence without its beginning.
    package let reason: String
    /// What is known, each under the name that it has in JSON.
    package let facts: [(name: String, fact: Fact)]
    private let now: UnixTime

    package init(_ verdict: Verdict, _ reason: String, _ facts: Facts, now: UnixTime) {
        self.verdict = verdict
        self.reason = reason
        self.facts = facts.all
        self.now = now
    }

    /// The verdict as a sentence, then the facts, one a line.
    package var lines: [String] {
        let beginning =
            switch verdict {
            case .accepted: "It would be accepted: "
            case .refused: "It is refused: "
            case .unknown: "It cannot be told here: "
            }
        return [beginning + reason + "."] + facts.map { "\($0.name): \(text($0.fact))" }
    }

    /// The same as one object.
    package var json: JSONObject {
        var object = JSONObject()
        object["verdict"] = .string(verdict.rawValue)
        object["reason"] = .string(reason)
        for (name, fact) in facts { object[name] = Self.json(fact) }
        return object
    }

    private func text(_ fact: Fact) -> String {
        switch fact {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .flag(let flag): flag ? "yes" : "no"
        case .list(let items): items.joined(separator: " ")
        case .moment(let moment): "\(moment.rfc3339) (\(moment.seen(from: now)))"
        }
    }

    private static func json(_ fact: Fact) -> JSONValue {
        switch fact {
        case .text(let text): .string(text)
        case .number(let number): .integer(number)
        case .flag(let flag): .bool(flag)
        case .list(let items): .array(items.map(JSONValue.string))
        case .moment(let moment): .string(moment.rfc3339)
        }
    }
}

/// The facts of an explanation, as they are gathered; what is not known is left out.
package struct Facts: Sendable {
    fileprivate private(set) var all: [(name: String, fact: Explanation.Fact)] = []

    /// Facts about a token of this kind.
    package init(kind: String) {
        add("kind", kind)
    }

    package mutating func add(_ name: String, _ fact: Explanation.Fact?) {
        if let fact { all.append((name, fact)) }
    }

    package mutating func add(_ name: String, _ text: String?) {
        add(name, text.map(Explanation.Fact.text))
    }

    package mutating func add(_ name: String, _ moment: UnixTime?) {
        add(name, moment.map(Explanation.Fact.moment))
    }
}
