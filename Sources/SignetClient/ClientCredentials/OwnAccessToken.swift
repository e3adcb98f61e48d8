import SignetTokens

/// Keeps the one access token of a ``ConfidentialClient``: the only code that asks for another.
actor OwnAccessToken {
    private struct Held {
        let token: Secret<String>
        let lifetime: Duration
        /// Counted from when it was asked for: the server made it later, so it never lives shorter than that.
        let expiresAfter: Duration
    }

    private let grant: ClientCredentialsGrant
    private let clocks: ClientClocks
    let flight = SingleFlight<Secret<String>>()
    private var held: Held?
    private var rest = RenewalRest()
    /// What the request under way has met so far, for those who cannot wait for its end.
    private var trouble: SignetClientError?

    init(grant: ClientCredentialsGrant, clocks: ClientClocks) {
        self.grant = grant
        self.clocks = clocks
    }

    /// An access token that can be used now.
    ///
    /// Another one is asked for shortly before the end of this one, which goes on being used meanwhile: nobody waits for it, and
    /// trouble in getting it stops nobody before the end has come.
    /// - Parameters:
    ///   - rejected: an access token that an API has refused, although it seemed good.
    ///   - limit: how long to wait for another; it is waited for on behalf of the next caller when the time is up.
    /// - Throws: ``SignetClientError``; `CancellationError`; what reading the client's secret throws.
    func token(rejecting rejected: Secret<String>? = nil, within limit: Duration) async throws -> Secret<String> {
        if let held = usable(rejecting: rejected) {
            if isDue(held), !rest.isOn(at: clocks.uptime()) { flight.begin { try await self.fetch(rejecting: nil) } }
            return held.token
        }
        do {
            return try await clocks.within(limit) { try await self.fetched(rejecting: rejected) }
        } catch let error as TransportError {
            throw trouble ?? .network(error)
        }
    }

    private func fetched(rejecting rejected: Secret<String>?) async throws -> Secret<String> {
        let token = try await flight.run { try await self.fetch(rejecting: rejected) }
        guard let rejected, token.isSame(as: rejected) else { return token }
        // It joined the flight of a caller who did not know that this token is refused.
        return try await flight.run { try await self.fetch(rejecting: rejected) }
    }

    private func fetch(rejecting rejected: Secret<String>?) async throws -> Secret<String> {
        if let held = usable(rejecting: rejected), !isDue(held) { return held.token }
        if let refusal = rest.refusal(at: clocks.uptime()) { throw refusal }
        trouble = nil
        var pauses = RenewalPauses(startedAt: clocks.uptime(), isUrgent: usable(rejecting: rejected) == nil)
        while true {
            let asked = clocks.uptime()
            switch try await grant.ask() {
            case .token(let answer):
                rest = RenewalRest()
                held = Held(token: answer.accessToken, lifetime: answer.lifetime, expiresAfter: asked + answer.lifetime)
                return answer.accessToken
            case .refused(let error):
                throw giveUp(error)
            case .unknown(let error, let wish):
                trouble = error
                guard let wait = pauses.next(atLeast: wish, uptime: clocks.uptime()) else {
                    throw giveUp(error, wish: wish)
                }
                try await clocks.sleep(wait)
            }
        }
    }

    private func giveUp(_ trouble: SignetClientError, wish: Duration? = nil) -> SignetClientError {
        rest = RenewalRest(after: trouble, wish: wish, uptime: clocks.uptime())
        return trouble
    }

    private func usable(rejecting rejected: Secret<String>?) -> Held? {
        guard let held, clocks.uptime() < held.expiresAfter else { return nil }
        if let rejected, held.token.isSame(as: rejected) { return nil }
        return held
    }

    private func isDue(_ held: Held) -> Bool {
        clocks.uptime() >= held.expiresAfter - min(.seconds(30), held.lifetime / 10)
    }
}
