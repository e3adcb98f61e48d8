import SignetTokens

/// Keeps one store's session usable: the only code that reads the store, writes it, and asks the token endpoint.
///
/// The order of steps is what makes a crash harmless, wherever it comes: the idempotency key is durable before the renewal leaves,
/// the new tokens are durable before they are used, and everything between happens under the store's lock.
actor Renewal {
    let server: ServerAddress
    let clientID: ClientID
    let store: any TokenStore
    let transport: any Transport
    let clocks: ClientClocks
    let randomBytes: RandomBytes
    let prover: Prover
    let states = SessionStates()

    let flight = SingleFlight<StoredSession>()
    private var serverClock = ServerClock()
    /// The same, for proofs: a lifetime must not be thought too long, and a proof must not come from the future.
    private var proofClock = ServerClock()
    private var held: HeldSession?
    /// Tokens that could not be written, and the refresh token that the store still has in their place.
    private var unsaved: (base: Secret<String>, session: StoredSession)?
    /// How often the session in memory became another: what was read from the store before that is no news.
    private var changes = 0
    /// What the renewal under way has met so far, for those who cannot wait for its end.
    private var trouble: SignetClientError?
    private var rest = RenewalRest()
    /// The last refresh token of a session that the server has ended, in case the store could not be emptied.
    private var ended: Secret<String>?

    init(
        server: ServerAddress, clientID: ClientID, store: any TokenStore, transport: any Transport, clocks: ClientClocks,
        randomBytes: @escaping RandomBytes, prover: Prover
    ) {
        self.server = server
        self.clientID = clientID
        self.store = store
        self.transport = transport
        self.clocks = clocks
        self.randomBytes = randomBytes
        self.prover = prover
    }

    /// A session whose access token can be used now.
    /// - Parameters:
    ///   - rejected: a session whose access token an API has refused, although it seemed good.
    ///   - limit: how long to wait for a renewal; it goes on when the time is up, for others and for the next call.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    func session(
        rejecting rejected: StoredSession? = nil, within limit: Duration = .seconds(60)
    ) async throws -> StoredSession {
        // A call that was begun for one person is not sent in the name of the next.
        let person = rejected?.userID ?? held?.session.userID
        let session = try await usableSession(rejecting: rejected?.accessToken, within: limit)
        guard person == nil || session.userID == person else { throw SignetClientError.someoneElseSignedIn }
        return session
    }

    private func usableSession(rejecting rejected: Secret<String>?, within limit: Duration) async throws -> StoredSession {
        if held == nil { _ = try await load() }
        if let usable = usable(rejecting: rejected) { return usable }
        do {
            return try await clocks.within(patience(limit, rejecting: rejected)) {
                try await self.renewedSession(rejecting: rejected)
            }
        } catch  where !(error is CancellationError) {
            let error = error as? SignetClientError ?? trouble ?? .noAnswer(error)
            // Renewing begins before it is needed: as long as the old access token lives, trouble is no reason to stop.
            guard rejected == nil, !error.endsSession, let held, !held.isExpired(at: clocks.uptime()) else { throw error }
            return held.session
        }
    }

    /// How long to wait for a renewal; one that comes early must not keep the old token waiting until it is dead.
    private func patience(_ limit: Duration, rejecting rejected: Secret<String>?) -> Duration {
        guard rejected == nil, let held else { return limit }
        let rest = held.remaining(at: clocks.uptime())
        return rest > .zero ? min(limit, rest / 2) : limit
    }

    private func renewedSession(rejecting rejected: Secret<String>?) async throws -> StoredSession {
        let session = try await flight.run { try await self.renew(rejecting: rejected) }
        guard let rejected, session.accessToken.isSame(as: rejected) else { return session }
        // It joined the flight of a caller who did not know that this token is refused.
        return try await flight.run { try await self.renew(rejecting: rejected) }
    }

    // MARK: The steps of a renewal

    private func renew(rejecting rejected: Secret<String>?) async throws -> StoredSession {
        trouble = nil
        // Another process may have renewed long ago; to see that, nobody has to wait for a lock.
        _ = try await load()
        if let usable = usable(rejecting: rejected) { return usable }
        if let refusal = rest.refusal(at: clocks.uptime()) { throw refusal }

        trouble = .store(Self.locked)
        let lock = try await lock()
        defer { lock.release() }
        trouble = nil
        var session = try await load()
        if let usable = usable(rejecting: rejected) { return usable }
        try await save()

        let isUrgent = rejected != nil || held?.isExpired(at: clocks.uptime()) ?? true
        var pauses = RenewalPauses(startedAt: clocks.uptime(), isUrgent: isUrgent)
        while true {
            session = try await withKey(session)
            let asked = clocks.moment
            let met: SignetClientError
            var pause: Duration?
            switch await ask(session) {
            case .renewed(let answer): return try await keep(answer, after: session, asked: asked)
            case .refused(let error): throw giveUp(error)
            case .sessionEnded(let reason):
                let stored = try await load()
                guard !stored.refreshToken.isSame(as: session.refreshToken) else { throw await end(stored, reason) }
                // The store has moved on meanwhile: only the token that it holds can tell whether the session is over.
                met = .faulty(status: 400)
            case .unknown(let error, let wish):
                met = error
                pause = wish
            }
            trouble = met
            guard let wait = pauses.next(atLeast: pause, uptime: clocks.uptime()) else { throw giveUp(met, wish: pause) }
            try await clocks.sleep(wait)

            // Whatever was wrong, a newer token in the store is the better one.
            session = try await load()
            if let usable = usable(rejecting: rejected) { return usable }
        }
    }

    private func giveUp(_ trouble: SignetClientError, wish: Duration? = nil) -> SignetClientError {
        rest = RenewalRest(after: trouble, wish: wish, uptime: clocks.uptime())
        return trouble
    }

    /// The session with an idempotency key for its refresh token, which is in the store before anyone hears of it.
    private func withKey(_ session: StoredSession) async throws(SignetClientError) -> StoredSession {
        guard session.idempotencyKey == nil else { return session }
        var session = session
        session.idempotencyKey = .random(randomBytes)
        try await write(session)
        held?.session.idempotencyKey = session.idempotencyKey
        return session
    }

    private func keep(
        _ answer: TokenAnswer, after session: StoredSession, asked: ClientClocks.Moment
    ) async throws -> StoredSession {
        let next = session.renewed(by: answer, askedAt: asked.wall)
        serverClock.learn(answer.date, at: asked.uptime)
        proofClock.learn(answer.date, at: clocks.uptime())
        var isLate = false
        do throws(TokenStoreError) {
            // Late answers change nothing: the store must still hold what this renewal began with.
            let stored = try await store.read()
            if let stored, stored.refreshToken.isSame(as: session.refreshToken) {
                try await store.write(next)
            } else {
                isLate = true
            }
        } catch {
            // The store has a spent token, and its key, for which the server gives these same tokens to whoever asks again.
            unsaved = (session.refreshToken, next)
            states.tell(.unsaved(error))
        }
        if isLate { return try await load() }
        hold(HeldSession(next, asked: asked.uptime))
        return next
    }

    private func end(_ session: StoredSession, _ reason: String?) async -> SignetClientError {
        // Before the store is emptied, so that whoever finds it empty meanwhile has no news of it.
        ended = session.refreshToken
        forget()
        states.tell(.signedOut(reason: reason))
        // A store that cannot be emptied holds a token that the server refuses again: nothing is lost by going on.
        try? await store.clear()
        return .signedOut(reason: reason)
    }

    // MARK: What sign-in and sign-out share with it

    /// What is known of the session now: the store's, or the newer one that could not be written to it.
    /// - Throws: ``SignetClientError/notSignedIn``, `signedInElsewhere`, `store`.
    func load() async throws(SignetClientError) -> StoredSession {
        guard let stored = try await readAgainIfChanged() else {
            if held != nil || states.last == nil { states.tell(.signedOut(reason: nil)) }
            forget()
            throw .notSignedIn
        }
        guard stored.server == server.name else {
            if held != nil { states.tell(.signedOut(reason: nil)) }
            forget()
            throw .signedInElsewhere(server: stored.server)
        }
        if let ended, stored.refreshToken.isSame(as: ended) {
            // It was thrown already; only the store could not be emptied then.
            try? await store.clear()
            throw .notSignedIn
        }
        if let unsaved {
            if stored.refreshToken.isSame(as: unsaved.base) { return unsaved.session }
            self.unsaved = nil
            states.tell(.signedIn)
        }
        if let known = held?.session.accessToken, known.isSame(as: stored.accessToken) {
            // What was counted by the monotonic clock is better than what the wall clock says.
            held?.session = stored
        } else {
            if held?.session.sessionID != stored.sessionID { states.tell(.signedIn) }
            let serverTime = serverClock.now(clocks, storedOffset: stored.clockOffset)
            hold(HeldSession(stored, serverTime: serverTime, uptime: clocks.uptime()))
        }
        return stored
    }

    /// What the store holds, and has held since the session in memory last changed.
    private func readAgainIfChanged() async throws(SignetClientError) -> StoredSession? {
        while true {
            let before = changes
            let stored = try await read()
            if changes == before { return stored }
        }
    }

    /// Writes what could not be written before. Until that succeeds no renewal leaves, for its key could not be kept.
    func save() async throws(SignetClientError) {
        guard let unsaved else { return }
        try await write(unsaved.session)
        self.unsaved = nil
        states.tell(.signedIn)
    }

    /// Makes a sign-in's session the one that is used and stored.
    func begin(_ opened: OpenedSession) async throws(SignetClientError) {
        try await write(opened.session)
        serverClock.learn(opened.date, at: opened.asked)
        proofClock.learn(opened.date, at: opened.arrived)
        unsaved = nil
        hold(HeldSession(opened.session, asked: opened.asked))
        states.tell(.signedIn)
    }

    /// Empties the store at the app's wish.
    func clear() async throws(SignetClientError) {
        do {
            try await store.clear()
        } catch {
            throw .store(error)
        }
        forget()
        states.tell(.signedOut(reason: nil))
    }

    /// The present moment by the server's clock, as well as it is known.
    func serverTime() -> UnixTime {
        proofClock.now(clocks, storedOffset: held?.session.clockOffset ?? .zero)
    }

    private func usable(rejecting rejected: Secret<String>?) -> StoredSession? {
        let uptime = clocks.uptime()
        guard let held, rest.isOn(at: uptime) ? !held.isExpired(at: uptime) : !held.isDue(at: uptime) else { return nil }
        if let rejected, held.session.accessToken.isSame(as: rejected) { return nil }
        return held.session
    }

    private func hold(_ session: HeldSession) {
        held = session
        rest = RenewalRest()
        changes += 1
    }

    private func forget() {
        held = nil
        unsaved = nil
        changes += 1
    }
}
