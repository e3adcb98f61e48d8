import SignetTokens

/// A session that a server's answer has opened, and that nobody has stored yet.
struct OpenedSession: Sendable {
    let session: StoredSession
    /// What the server's clock showed.
    let date: UnixTime?
    /// The client's uptime when it was asked for: from then on its access token's lifetime counts.
    let asked: Duration
    /// The client's uptime when the answer came.
    let arrived: Duration

    /// `nil` when anything is missing without which the session cannot be used and renewed.
    fileprivate init?(
        _ answer: ServerAnswer, _ scheme: TokenScheme, asked: ClientClocks.Moment, arrived: Duration, server: String,
        clientID: ClientID, device: String?, proofKey: Secret<[UInt8]>?
    ) {
        guard let tokens = TokenAnswer(answer, scheme), let refreshToken = tokens.refreshToken, let userID = tokens.userID,
            let sessionID = tokens.sessionID
        else {
            return nil
        }
        let receivedAt = tokens.date ?? asked.wall
        session = StoredSession(
            server: server, clientID: clientID, userID: userID, sessionID: sessionID, deviceName: device,
            accessToken: tokens.accessToken, scope: tokens.scope ?? .none, receivedAt: receivedAt, lifetime: tokens.lifetime,
            clockOffset: asked.wall.duration(to: receivedAt), refreshToken: refreshToken, proofKey: proofKey)
        date = tokens.date
        self.asked = asked.uptime
        self.arrived = arrived
    }
}

extension SignetClient {
    /// The session that an answer opens; `nil` when it opens none.
    /// - Parameters:
    ///   - asked: when the request left.
    ///   - key: the key that its tokens were to be bound to.
    /// - Throws: ``SignetClientError/notBound``, when they are not; that session is ended then.
    func opened(
        by answer: ServerAnswer, asked: ClientClocks.Moment, device: String?, boundTo key: BoundKey?
    ) async throws(SignetClientError) -> OpenedSession? {
        func session(_ scheme: TokenScheme) -> OpenedSession? {
            OpenedSession(
                answer, scheme, asked: asked, arrived: clocks.uptime(), server: server.name, clientID: clientID,
                device: device, proofKey: key?.reference)
        }
        guard key != nil else { return session(.bearer) }
        if let opened = session(.dpop) { return opened }
        guard let unbound = session(.bearer) else { return nil }
        await discard(unbound.session)
        throw .notBound
    }
}

// What sign-ins have in common that wait for a person, for minutes, without the store's lock.
extension SignetClient {
    /// Which session a sign-in begins beside, so that it can tell later whether another one came first; read before anything is
    /// sent, so that a store that cannot be read is found out first.
    func sessionBefore() async throws(SignetClientError) -> SessionID? {
        try await renewal.read()?.sessionID
    }

    /// Stores the session of a sign-in that began beside the session `before`, and ends that one.
    ///
    /// The server knows no old refresh token in these requests, so the old session is given back once the new one is durable: a
    /// death between the two leaves somebody signed in, and the old session to its idle lifetime.
    /// - Throws: ``SignetClientError``: `signedInMeanwhile`, `store`; `CancellationError`. The opened session is ended then.
    func adopt(_ opened: OpenedSession, beside before: SessionID?) async throws {
        let replaced: StoredSession?
        do {
            let lock = try await renewal.lock()
            defer { lock.release() }
            // Nobody is put out by a sign-in that came late; where the old session ended meanwhile, nobody is.
            let present = try await renewal.read()?.sessionID
            guard present == nil || present == before else { throw SignetClientError.signedInMeanwhile }
            replaced = try await renewal.replaceableSession()
            try await renewal.begin(opened)
        } catch {
            await discard(opened.session)
            throw error
        }
        if let replaced { await discard(replaced) }
    }

    /// Ends a session that nobody will ever use; if the server cannot be told, it ends by its idle lifetime.
    func discard(_ session: StoredSession) async {
        // In a task of its own: the request of a caller who was cancelled would not leave any more.
        _ = await Task { try? await renewal.revoke(session) }.value
    }
}
