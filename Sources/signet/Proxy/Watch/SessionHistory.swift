import SignetTokens

/// What the proxy has seen of one session, as its client knows it: only what reached the client counts as known to it.
struct SessionHistory: Sendable {
    /// So many renewals are remembered.
    private static let askLimit = 64

    let userID: UserID
    private(set) var place: SignInPlace
    /// The newest tokens that reached the client, and when.
    private(set) var known: (tokens: IssuedMarks, at: UnixTime)?
    /// Whether the client was told that it has ended, or has ended it itself.
    private(set) var isOver = false
    /// The renewals of late, the last one at the end.
    private(set) var asks: [RenewalAsk] = []
    /// Tokens that were answered with invalid_grant, and by which request.
    private(set) var deadTokens: [TokenMark: Int] = [:]

    var pace = RenewalPace()
    private var lostToken: TokenMark?

    init(userID: UserID, place: SignInPlace) {
        self.userID = userID
        self.place = place
    }

    /// The last renewal, if its client has learned nothing from it, though it could go on.
    var trouble: (ask: RenewalAsk, trouble: RenewalAsk.Trouble)? {
        guard !isOver, let last = asks.last, case .unknown(let trouble) = last.outcome else { return nil }
        return (last, trouble)
    }

    /// Renewals of the same token, asked for before.
    func earlier(than ask: RenewalAsk) -> [RenewalAsk] {
        asks.filter { $0.token == ask.token && $0.number != ask.number }
    }

    /// Whether the client still waits for an answer to the request of that number.
    func isOpen(_ number: Int) -> Bool {
        asks.contains { $0.number == number && $0.endedAt == nil }
    }

    /// Tokens have reached the client by a sign-in.
    mutating func begin(_ tokens: IssuedMarks, at now: UnixTime) {
        known = (tokens, now)
    }

    /// Its client, or another device of the person, has ended it.
    mutating func end() {
        isOver = true
    }

    /// A renewal is asked for.
    mutating func add(_ ask: RenewalAsk, clientID: String?) {
        if let clientID { place = SignInPlace(clientID: clientID, device: place.device) }
        asks.append(ask)
        if asks.count > Self.askLimit { asks.removeFirst() }
    }

    /// The renewal of that number is over for its client, with what it has learned.
    mutating func close(_ number: Int, _ outcome: RenewalAsk.Outcome, at now: UnixTime) {
        guard let index = asks.firstIndex(where: { $0.number == number && $0.endedAt == nil }) else { return }
        asks[index].endedAt = now
        asks[index].outcome = outcome
        switch outcome {
        case .given(let tokens):
            let isNewest = known.map { $0.tokens.refreshToken.generation <= tokens.refreshToken.generation } ?? true
            if isNewest { known = (tokens, now) }
        case .ended:
            deadTokens = [asks[index].token: number]
            isOver = true
        case .open, .unknown: break
        }
    }

    /// The server has renewed a token, and the client does not know it. Whether that is new.
    mutating func lose(successorOf token: TokenMark) -> Bool {
        defer { lostToken = token }
        return lostToken != token
    }

    /// The client has got the successor of a token. Whether it had been lost before.
    mutating func recover(successorOf token: TokenMark) -> Bool {
        guard lostToken == token else { return false }
        lostToken = nil
        return true
    }
}
