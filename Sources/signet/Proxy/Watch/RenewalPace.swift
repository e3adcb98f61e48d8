import SignetTokens

/// How a client paces its renewals: what it does once may have a reason, what it does again and again is a mistake.
struct RenewalPace: Sendable {
    /// A part of what Retry-After says may pass on the way.
    private static let earlyPart = 0.9
    /// So many in a row are no accident.
    private static let earlyLimit = 2
    /// So many tries without an answer, within a second, are more than a try and its repeats.
    private static let hurriedTries = 5
    /// So many fresh access tokens in a row are thrown away: an API may refuse one, and a token may be wanted for each of several APIs.
    private static let freshLimit = 5

    private var earlyInARow = 0
    private var freshInARow = 0

    /// Looks at a renewal that has just been asked for, before it is added to its session.
    mutating func mistakes(of ask: RenewalAsk, in session: SessionHistory) -> [SeenMistake] {
        [early(ask, session), hurried(ask, session), needless(ask, session)].compactMap(\.self)
    }

    private mutating func early(_ ask: RenewalAsk, _ session: SessionHistory) -> SeenMistake? {
        guard let last = session.asks.filter({ $0.endedAt != nil }).max(by: { ($0.endedAt ?? $0.at) < ($1.endedAt ?? $1.at) }),
            let endedAt = last.endedAt, case .unknown(let trouble) = last.outcome, let wished = trouble.retryAfter
        else {
            earlyInARow = 0
            return nil
        }
        let waited = endedAt.duration(to: ask.at)
        earlyInARow = waited < wished * Self.earlyPart ? earlyInARow + 1 : 0
        guard earlyInARow >= Self.earlyLimit else { return nil }
        return SeenMistake(
            .tooSoon,
            "#\(last.number) was answered with Retry-After: \(wished.wholeSeconds), and #\(ask.number) came \(waited.inSeconds) later.",
            [last.number, ask.number])
    }

    private func hurried(_ ask: RenewalAsk, _ session: SessionHistory) -> SeenMistake? {
        let vain = session.asks.filter { earlier in
            if case .unknown = earlier.outcome { earlier.at.duration(to: ask.at) < .seconds(1) } else { false }
        }
        guard vain.count >= Self.hurriedTries else { return nil }
        return SeenMistake(
            .hurry, "Within one second before #\(ask.number) it had asked \(vain.count) times in vain.",
            vain.map(\.number) + [ask.number])
    }

    private mutating func needless(_ ask: RenewalAsk, _ session: SessionHistory) -> SeenMistake? {
        // Only the first try of a renewal counts.
        guard session.earlier(than: ask).isEmpty, let known = session.known, known.tokens.refreshToken == ask.token else {
            return nil
        }
        let age = known.at.duration(to: ask.at)
        freshInARow = age < known.tokens.lifetime / 2 ? freshInARow + 1 : 0
        guard freshInARow >= Self.freshLimit else { return nil }
        return SeenMistake(
            .needless,
            "#\(ask.number) is renewal number \(freshInARow) in a row that came while the access token was fresh: it was \(age.inSeconds) old, and lives for \(known.tokens.lifetime.inSeconds).",
            [ask.number])
    }
}

extension Duration {
    /// As people read it in a report.
    var inSeconds: String {
        let milliseconds = wholeMilliseconds
        return milliseconds.isMultiple(of: 1000)
            ? "\(milliseconds / 1000) s"
            : "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst()) s"
    }
}
