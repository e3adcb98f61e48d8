import SignetTokens

/// What happened while the proxy stood, for people and for programs; no token, key or password is in it.
struct ProxyReport: Sendable {
    /// People are shown so many sessions with one mistake; programs all.
    private static let sessionLimit = 3

    let server: String
    /// Where the faults came from.
    let source: String
    let startedAt: UnixTime
    let endedAt: UnixTime
    let seen: ClientJudge

    /// For people.
    var lines: [String] {
        let tally = seen.tally
        let repeats =
            "\(tally.repeatsWithKey) with the same key, \(tally.repeatsWithoutKey) without a key, \(tally.repeatsWithOtherKey) with another key"
        let duration = Duration.seconds(startedAt.duration(to: endedAt).wholeSeconds).inSeconds
        let counts = [
            ("Server", "\(server), for \(duration); \(source)"),
            (
                "Requests",
                "\(tally.requests)\(tally.unreachable == 0 ? "" : ", \(tally.unreachable) of them when the server could not be reached")"
            ),
            ("Sign-ins", "\(tally.signIns)"),
            ("Renewals", "\(tally.renewals); asked for again: \(repeats)"),
            ("Faults", Self.list(tally.faults)),
            ("Answers", "\(tally.answersLost) lost after the server had renewed, \(tally.answersRecovered) of them recovered"),
            ("Signed out", Self.list(tally.signOuts) + "; by the client itself: \(tally.signOutsByClient)"),
        ]
        var lines = [""] + counts.map { "\($0.0 + String(repeating: " ", count: 12 - $0.0.count))\($0.1)" } + [""]
        guard !seen.findings.isEmpty else { return lines + ["The client did nothing wrong."] }
        lines.append("What the client did wrong:")
        // Each mistake once, with the sessions that it was seen in.
        let mistakes = seen.findings.reduce(into: [Mistake]()) { if !$0.contains($1.mistake) { $0.append($1.mistake) } }
        for (index, mistake) in mistakes.enumerated() {
            let findings = seen.findings.filter { $0.mistake == mistake }
            let count = findings.reduce(0) { $0 + $1.count }
            lines += ["", "\(index + 1). \(mistake.sentence) (\(mistake.rawValue)\(count == 1 ? "" : ", \(count) times"))"]
            for finding in findings.prefix(Self.sessionLimit) {
                lines += ["   \(finding.evidence)", "   \(Self.place(of: finding))"]
            }
            let more = findings.count - Self.sessionLimit
            if more > 0 { lines.append("   And in \(more) more.") }
            lines.append("   Instead: \(mistake.advice)")
        }
        return lines
    }

    /// For programs.
    var json: JSONValue {
        let tally = seen.tally
        return [
            "server": .string(server), "faults_from": .string(source), "started_at": .string(startedAt.rfc3339),
            "ended_at": .string(endedAt.rfc3339), "requests": .integer(Int64(tally.requests)),
            "unreachable": .integer(Int64(tally.unreachable)), "sign_ins": .integer(Int64(tally.signIns)),
            "renewals": .integer(Int64(tally.renewals)),
            "repeats": [
                "same_key": .integer(Int64(tally.repeatsWithKey)), "keyless": .integer(Int64(tally.repeatsWithoutKey)),
                "other_key": .integer(Int64(tally.repeatsWithOtherKey)),
            ],
            "faults": Self.object(tally.faults), "answers_lost": .integer(Int64(tally.answersLost)),
            "answers_recovered": .integer(Int64(tally.answersRecovered)), "signed_out": Self.object(tally.signOuts),
            "signed_out_by_client": .integer(Int64(tally.signOutsByClient)), "findings": .array(seen.findings.map(Self.json)),
        ]
    }

    private static func json(_ finding: Finding) -> JSONValue {
        var object = JSONObject()
        object["mistake"] = .string(finding.mistake.rawValue)
        object["what"] = .string(finding.mistake.sentence)
        object["instead"] = .string(finding.mistake.advice)
        object["session_id"] = finding.sessionID.map { .string($0.description) }
        object["generation"] = finding.generation.map { .integer(Int64($0)) }
        object["first_at"] = .string(finding.at.rfc3339)
        object["evidence"] = .string(finding.evidence)
        object["times"] = .integer(Int64(finding.count))
        object["requests"] = .array(finding.requests.map { .integer(Int64($0)) })
        return .object(object)
    }

    private static func object(_ counts: [String: Int]) -> JSONValue {
        .object(counts.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = .integer(Int64($1.value)) })
    }

    private static func list(_ counts: [String: Int]) -> String {
        let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) × \($0.key)" }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private static func place(of finding: Finding) -> String {
        let session = finding.sessionID.map { "Session \($0)" } ?? "No session known"
        let generation = finding.generation.map { ", generation \($0)" } ?? ""
        let requests = finding.requests.map { "#\($0)" }.joined(separator: ", ")
        return "\(session)\(generation), first at \(finding.at.rfc3339): \(requests)"
    }
}
