import Foundation
import HTTPTypes
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
    private var held: HeldSession?
    /// Tokens that could not be written, and the refresh token that the store still has in their place.
    private var unsaved: (base: Secret<String>, session: StoredSession)?

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
    /// - Parameter rejected: an access token that an API has refused, although it seemed good.
    func session(rejecting rejected: Secret<String>? = nil) async throws -> StoredSession {
        if let usable = usable(rejecting: rejected) { return usable }
        do {
            let session = try await flight.run { try await self.renew(rejecting: rejected) }
            guard let rejected, session.accessToken.isSame(as: rejected) else { return session }
            // It joined the flight of a caller who did not know that this token is refused.
            return try await flight.run { try await self.renew(rejecting: rejected) }
        } catch let error as SignetClientError where rejected == nil && !error.endsSession {
            // Renewing begins before it is needed: as long as the old access token lives, trouble is no reason to stop.
            guard let held, !held.isExpired(at: clocks.uptime()) else { throw error }
            return held.session
        }
    }

    // MARK: The steps of a renewal

    private func renew(rejecting rejected: Secret<String>?) async throws -> StoredSession {
        // Another process may have renewed long ago; to see that, nobody has to wait for a lock.
        _ = try await load()
        if let usable = usable(rejecting: rejected) { return usable }

        let lock = try await lock()
        defer { lock.release() }
        var session = try await load()
        if let usable = usable(rejecting: rejected) { return usable }
        try await save()

        let isUrgent = rejected != nil || held?.isExpired(at: clocks.uptime()) ?? true
        var pauses = RenewalPauses(startedAt: clocks.uptime(), isUrgent: isUrgent)
        while true {
            session = try await withKey(session)
            let trouble: SignetClientError
            var pause: Duration?
            switch await ask(session) {
            case .renewed(let answer): return try await keep(answer, after: session)
            case .refused(let error): throw error
            case .sessionEnded(let reason):
                let stored = try await load()
                guard !stored.refreshToken.isSame(as: session.refreshToken) else { throw await end(reason) }
                // The store has moved on meanwhile: only the token that it holds can tell whether the session is over.
                trouble = .faulty(status: 400)
            case .unknown(let error, let asked):
                trouble = error
                pause = asked
            }
            guard let wait = pauses.next(atLeast: pause, uptime: clocks.uptime()) else { throw trouble }
            try await clocks.sleep(wait)

            // Whatever was wrong, a newer token in the store is the better one.
            session = try await load()
            if let usable = usable(rejecting: rejected) { return usable }
        }
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

    private func ask(_ session: StoredSession) async -> RenewalAnswer {
        do {
            let answer = try await post(
                "/oauth/token",
                key: session.idempotencyKey,
                session.refreshToken.reveal { refreshToken in
                    formEncoded([
                        "grant_type": "refresh_token", "refresh_token": copy refreshToken,
                        "client_id": session.clientID.description, "user_id": session.userID.description,
                    ])
                },
                provenBy: prover.key(of: session))
            return RenewalAnswer(answer, for: session)
        } catch {
            return .unknown(error, pause: nil)
        }
    }

    private func keep(_ answer: TokenAnswer, after session: StoredSession) async throws -> StoredSession {
        let arrival = clocks.uptime()
        let next = session.renewed(by: answer, arrivedAt: clocks.now())
        serverClock.learn(answer.date, at: arrival)
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
        held = HeldSession(next, arrival: arrival)
        return next
    }

    private func end(_ reason: String?) async -> SignetClientError {
        // A store that cannot be emptied holds a token that the server refuses again: nothing is lost by going on.
        try? await store.clear()
        forget()
        states.tell(.signedOut(reason: reason))
        return .signedOut(reason: reason)
    }

    // MARK: What sign-in and sign-out share with it

    /// What is known of the session now: the store's, or the newer one that could not be written to it.
    /// - Throws: ``SignetClientError/notSignedIn``, `signedInElsewhere`, `store`.
    func load() async throws(SignetClientError) -> StoredSession {
        guard let stored = try await read() else {
            forget()
            throw .notSignedIn
        }
        guard stored.server == server.name else { throw .signedInElsewhere(server: stored.server) }
        if let unsaved {
            if stored.refreshToken.isSame(as: unsaved.base) { return unsaved.session }
            self.unsaved = nil
        }
        if let known = held?.session.accessToken, known.isSame(as: stored.accessToken) {
            // What was counted by the monotonic clock is better than what the wall clock says.
            held?.session = stored
        } else {
            let serverTime = serverClock.now(clocks, storedOffset: stored.clockOffset)
            held = HeldSession(stored, serverTime: serverTime, uptime: clocks.uptime())
        }
        return stored
    }

    /// Writes what could not be written before. Until that succeeds no renewal leaves, for its key could not be kept.
    func save() async throws(SignetClientError) {
        guard let unsaved else { return }
        try await write(unsaved.session)
        self.unsaved = nil
    }

    /// Makes a sign-in's session the one that is used and stored.
    func begin(_ opened: OpenedSession) async throws(SignetClientError) {
        try await write(opened.session)
        serverClock.learn(opened.date, at: opened.arrival)
        unsaved = nil
        held = HeldSession(opened.session, arrival: opened.arrival)
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

    /// Waits for the store's lock.
    func lock() async throws -> TokenStoreLock {
        // Longer than a renewal can take with all its repeats, so whoever holds it for so long is not well.
        let limit = clocks.uptime() + .seconds(60)
        while true {
            do throws(TokenStoreError) {
                if let lock = try await store.lock() { return lock }
                guard clocks.uptime() < limit else { throw TokenStoreError(.locked, at: "the token store") }
            } catch {
                throw SignetClientError.store(error)
            }
            try await clocks.sleep(.milliseconds(25))
        }
    }

    /// One request with a form to the server itself.
    func post(
        _ path: String, key: IdempotencyKey? = nil, _ form: Data, provenBy proofKey: (any ProofKey)? = nil
    ) async throws(SignetClientError) -> ServerAnswer {
        var fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"]
        fields.setIdempotencyKey(key?.text.reveal { "\"\($0)\"" })
        let request = try server.request(.post, path, fields)
        return try await send(request, form, timeout: .seconds(10), provenBy: proofKey)
    }

    /// The present moment by the server's clock, as well as it is known.
    func serverTime() -> UnixTime {
        serverClock.now(clocks, storedOffset: held?.session.clockOffset ?? .zero)
    }

    func read() async throws(SignetClientError) -> StoredSession? {
        do {
            return try await store.read()
        } catch {
            throw .store(error)
        }
    }

    private func usable(rejecting rejected: Secret<String>?) -> StoredSession? {
        guard let held, !held.isDue(at: clocks.uptime()) else { return nil }
        if let rejected, held.session.accessToken.isSame(as: rejected) { return nil }
        return held.session
    }

    private func write(_ session: StoredSession) async throws(SignetClientError) {
        do {
            try await store.write(session)
        } catch {
            throw .store(error)
        }
    }

    private func forget() {
        held = nil
        unsaved = nil
    }
}
