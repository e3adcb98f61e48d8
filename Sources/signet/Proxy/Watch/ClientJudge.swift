import SignetTokens

/// Watches what passes the proxy, counts it, and finds what clients do wrong: a pure function of the events and their moments.
struct ClientJudge: Sendable {
    /// So many sessions are followed; of further ones the oldest is forgotten.
    private static let sessionLimit = 10_000
    /// So many findings are kept.
    private static let findingLimit = 500

    /// What was counted.
    private(set) var tally = Tally()
    /// What clients did wrong, each mistake of a session once, in the order in which they were first seen.
    private(set) var findings: [Finding] = []

    private let allowed: Set<Mistake>
    private var sessions = Remembered<SessionID, SessionHistory>(limit: sessionLimit)
    private var accessTokens = AccessTokenWatch()
    private var open: [Int: SeenRequest] = [:]

    /// - Parameter allowed: what is no mistake here.
    init(allowing allowed: Set<Mistake> = []) {
        self.allowed = allowed
    }

    /// How the session stands whose id that is, as far as it was seen.
    func session(_ id: SessionID) -> SessionHistory? { sessions[id] }

    /// Takes note of what has happened; what is wrong with it.
    mutating func see(_ event: ProxyEvent, at now: UnixTime) -> [Finding] {
        switch event {
        case .asked(let number, let request, let fault):
            open[number] = request
            tally.requests += 1
            if fault != .none { tally.faults[fault.word, default: 0] += 1 }
            return asked(number, request, at: now)
        case .answered(let number, let answer, let arrival):
            guard let request = open.removeValue(forKey: number) else { return [] }
            if case .unreachable = arrival { tally.unreachable += 1 }
            return answered(number, request, by: answer, arrival, at: now)
        case .left(let number):
            guard case .renewal(let token?, _, _) = open[number]?.purpose else { return [] }
            sessions.change(token.sessionID) { session in
                session.close(number, .unknown(.init(status: nil, retryAfter: nil)), at: now)
            }
            return []
        }
    }

    private mutating func asked(_ number: Int, _ request: SeenRequest, at now: UnixTime) -> [Finding] {
        var found: [Finding] = []
        if let stray = request.stray {
            found += note(
                SeenMistake(
                    .misplacedToken, "#\(number), \(request.line), had a refresh token \(stray.where.rawValue).", [number]),
                stray.token, at: now)
        }
        if case .renewal(let token?, let key, let clientID) = request.purpose {
            let ask = RenewalAsk(number: number, token: token, key: key, at: now)
            var session = sessions[token.sessionID] ?? SessionHistory(userID: token.userID, place: SignInPlace())
            count(ask, in: session)
            let mistakes = RenewalMistakes.of(ask, in: session) + session.pace.mistakes(of: ask, in: session)
            session.add(ask, clientID: clientID)
            sessions[token.sessionID] = session
            for mistake in mistakes { found += note(mistake, token, at: now) }
        } else if let accessToken = request.accessToken, let seen = accessTokens.sent(accessToken, with: number, at: now) {
            found += note(seen.mistake, session: seen.sessionID, generation: nil, at: now)
        }
        return found
    }

    private mutating func count(_ ask: RenewalAsk, in session: SessionHistory) {
        guard let last = session.earlier(than: ask).last else {
            tally.renewals += 1
            return
        }
        // A client without rotation, or without a key inside the window, keeps its token, and renews it anew.
        if last.given?.refreshToken == ask.token { return tally.renewals += 1 }
        switch (ask.key, last.key) {
        case (nil, nil): tally.repeatsWithoutKey += 1
        case (let key, let other) where key == other: tally.repeatsWithKey += 1
        default: tally.repeatsWithOtherKey += 1
        }
    }

    private mutating func answered(
        _ number: Int, _ request: SeenRequest, by answer: SeenAnswer?, _ arrival: Arrival, at now: UnixTime
    ) -> [Finding] {
        // What the client got to read.
        let read: SeenAnswer? =
            switch arrival {
            case .whole: answer
            case .replaced(let other): other
            case .lost, .unreachable: nil
            }
        if case .invalidToken? = read?.meaning, let accessToken = request.accessToken {
            accessTokens.rejected(accessToken, with: number, at: now)
        }
        switch request.purpose {
        case .renewal(let token?, _, _):
            renewed(number, token, by: answer, read: read, at: now)
            return []
        case .renewal(nil, _, _): return []
        case .signIn(let place, let replacing):
            guard let issued = answer?.issued else { return [] }
            return signedIn(number, from: place, replacing, issued, reached: read?.issued != nil, at: now)
        case .signOut(let id):
            guard let id, let answer, (200..<300).contains(answer.status) else { return [] }
            tally.signOutsByClient += 1
            sessions.change(id) { $0.end() }
            return []
        case .other: return []
        }
    }

    private mutating func renewed(
        _ number: Int, _ token: TokenMark, by answer: SeenAnswer?, read: SeenAnswer?, at now: UnixTime
    ) {
        guard var session = sessions[token.sessionID] else { return }
        defer { sessions[token.sessionID] = session }
        // A client that has left in the meantime reads nothing.
        let read = session.isOpen(number) ? read : nil
        let outcome: RenewalAsk.Outcome
        if let issued = read?.issued {
            outcome = .given(issued)
            accessTokens.issued(issued, at: now)
            if session.recover(successorOf: token) { tally.answersRecovered += 1 }
        } else if let read, read.endsSession {
            outcome = .ended
            var reason = "unknown"
            if case .refusal(_, let given?) = read.meaning { reason = given }
            tally.signOuts[reason, default: 0] += 1
        } else {
            outcome = .unknown(.init(status: read?.status, retryAfter: read?.retryAfter))
        }
        if answer?.issued != nil, read?.issued == nil, session.lose(successorOf: token) { tally.answersLost += 1 }
        session.close(number, outcome, at: now)
    }

    private mutating func signedIn(
        _ number: Int, from place: SignInPlace, _ replaced: TokenMark?, _ issued: IssuedMarks, reached: Bool, at now: UnixTime
    ) -> [Finding] {
        tally.signIns += 1
        var found: [Finding] = []
        let new = issued.refreshToken.sessionID
        for (id, session) in sessions.all where id != new && session.userID == issued.refreshToken.userID {
            guard session.place.mayBe(place) || id == replaced?.sessionID, let (ask, trouble) = session.trouble else { continue }
            let mistake = SeenMistake(
                .signedInAgain, "#\(ask.number) \(trouble.words), and #\(number) signed the same person in again.",
                [ask.number, number])
            found += note(mistake, ask.token, at: now)
            sessions.change(id) { $0.end() }
        }
        if let replaced { sessions.change(replaced.sessionID) { $0.end() } }
        var session = SessionHistory(userID: issued.refreshToken.userID, place: place)
        if reached {
            session.begin(issued, at: now)
            accessTokens.issued(issued, at: now)
        }
        sessions[new] = session
        return found
    }

    private mutating func note(_ seen: SeenMistake, _ token: TokenMark?, at now: UnixTime) -> [Finding] {
        note(seen, session: token?.sessionID, generation: token?.generation, at: now)
    }

    /// Adds to the findings; the one that is new, if it is.
    private mutating func note(
        _ seen: SeenMistake, session: SessionID?, generation: UInt32?, at now: UnixTime
    ) -> [Finding] {
        guard !allowed.contains(seen.mistake) else { return [] }
        if let index = findings.firstIndex(where: { $0.mistake == seen.mistake && $0.sessionID == session }) {
            findings[index].count += 1
            let named = findings[index].requests
            let further = seen.requests.filter { !named.contains($0) }
            findings[index].requests += further.prefix(max(0, Finding.requestLimit - named.count))
            return []
        }
        guard findings.count < Self.findingLimit else { return [] }
        let finding = Finding(
            mistake: seen.mistake, sessionID: session, generation: generation, at: now, evidence: seen.evidence,
            requests: Array(seen.requests.prefix(Finding.requestLimit)))
        findings.append(finding)
        return [finding]
    }
}
