import SignetTokens

/// One request for a renewal, and what its client learned from it.
struct RenewalAsk: Sendable {
    /// What the client learned.
    enum Outcome: Sendable {
        /// It waits.
        case open
        /// The tokens reached it.
        case given(IssuedMarks)
        /// The server says that the session is over.
        case ended
        /// Nothing about the session: no answer, or one that was not the server's word.
        case unknown(Trouble)
    }

    /// Why a client learned nothing; the answer that it got, if it got one.
    struct Trouble: Sendable {
        let status: Int?
        let retryAfter: Duration?

        /// As it stands in a sentence.
        var words: String { status.map { "was answered with \($0)" } ?? "was never answered" }
    }

    let number: Int
    let token: TokenMark
    let key: KeyMark?
    let at: UnixTime
    var endedAt: UnixTime?
    var outcome = Outcome.open

    /// Whether the server takes both for one and the same renewal.
    func isSame(as other: RenewalAsk) -> Bool {
        token == other.token && key != nil && key == other.key
    }

    /// What the tokens were, if they arrived.
    var given: IssuedMarks? {
        if case .given(let issued) = outcome { issued } else { nil }
    }
}
