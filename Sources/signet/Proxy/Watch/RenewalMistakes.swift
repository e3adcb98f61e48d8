import SignetTokens

/// A mistake with what shows it.
struct SeenMistake: Sendable {
    let mistake: Mistake
    let evidence: String
    let requests: [Int]

    init(_ mistake: Mistake, _ evidence: String, _ requests: [Int]) {
        self.mistake = mistake
        self.evidence = evidence
        self.requests = requests
    }
}

/// What is wrong with one renewal, in the light of those before it.
enum RenewalMistakes {
    /// A client may be killed before it has stored what it was given, but hardly so often.
    private static let givenLimit = 3

    /// Looks at a renewal that has just been asked for, before it is added to its session.
    static func of(_ ask: RenewalAsk, in session: SessionHistory) -> [SeenMistake] {
        var found = key(of: ask, session)
        if let number = session.deadTokens[ask.token] {
            found.append(
                SeenMistake(
                    .deadToken, "#\(number) was answered with invalid_grant, and #\(ask.number) presented the same token.",
                    [number, ask.number]))
            return found
        }
        if let mistake = again(ask, session) { found.append(mistake) }
        return found
    }

    private static func key(of ask: RenewalAsk, _ session: SessionHistory) -> [SeenMistake] {
        guard let key = ask.key else {
            return [SeenMistake(.keyless, "#\(ask.number) came without a key.", [ask.number])]
        }
        var found: [SeenMistake] = []
        if !key.isWellFormed {
            found.append(SeenMistake(.malformedKey, "The key of #\(ask.number) is malformed.", [ask.number]))
        }
        if let other = session.asks.last(where: { $0.token != ask.token && $0.key == key }) {
            found.append(
                SeenMistake(
                    .keyOfOlderToken,
                    "#\(other.number) presented generation \(other.token.generation), and #\(ask.number) generation \(ask.token.generation) with the same key.",
                    [other.number, ask.number]))
        }
        return found
    }

    /// What is wrong with asking for a token's successor again.
    private static func again(_ ask: RenewalAsk, _ session: SessionHistory) -> SeenMistake? {
        let earlier = session.earlier(than: ask)
        let waiting = earlier.filter { $0.endedAt == nil }
        if let other = waiting.first(where: { !ask.isSame(as: $0) }) {
            return SeenMistake(
                .twoAtOnce, "#\(ask.number) came\(otherKey(ask, other)) while #\(other.number) was still under way.",
                [other.number, ask.number])
        }
        guard waiting.isEmpty else { return nil }
        if let known = session.known?.tokens.refreshToken, known.generation > ask.token.generation {
            return spent(ask, earlier, known: known)
        }
        guard let last = earlier.last, case .unknown(let trouble) = last.outcome, !ask.isSame(as: last),
            ask.key != nil || last.key != nil
        else {
            return nil
        }
        return SeenMistake(
            .otherKey, "#\(last.number) \(trouble.words), and #\(ask.number) repeated it\(otherKey(ask, last)).",
            [last.number, ask.number])
    }

    private static func spent(_ ask: RenewalAsk, _ earlier: [RenewalAsk], known: TokenMark) -> SeenMistake? {
        let given = earlier.filter { $0.given != nil && ask.isSame(as: $0) }
        // Whoever was killed before it could store the answer asks once more with the same key, and does well.
        if known.generation == ask.token.generation + 1, !given.isEmpty {
            guard given.count >= givenLimit else { return nil }
            return SeenMistake(
                .neverStored,
                "#\(ask.number) asked for generation \(known.generation), which had been given \(given.count) times.",
                given.map(\.number) + [ask.number])
        }
        return SeenMistake(
            .spentToken,
            "#\(ask.number) presented generation \(ask.token.generation) when the client had been given generation \(known.generation).",
            (earlier.last.map { [$0.number] } ?? []) + [ask.number])
    }

    private static func otherKey(_ ask: RenewalAsk, _ other: RenewalAsk) -> String {
        switch (ask.key, other.key) {
        case (nil, nil): ", without a key as well,"
        case (nil, _): " without the key"
        case (_, nil): " with a key that the first had not"
        default: " with another key"
        }
    }
}
