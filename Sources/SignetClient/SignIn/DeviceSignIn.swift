public import SignetTokens

extension SignetClient {
    /// Begins a sign-in that a person confirms on another device, for devices without keyboard or browser:
    /// `POST /oauth/device_authorization` (RFC 8628).
    ///
    ///     let prompt = try await client.beginDeviceSignIn(device: "Living room TV")
    ///     show(prompt.userCode, prompt.verificationURL)
    ///     try await client.finishSignIn(prompt)
    ///
    /// - Parameters:
    ///   - device: what the person calls this device; the server shows it to whoever is asked to confirm.
    ///   - scope: what the tokens shall be good for; without it, what the client is registered for.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func beginDeviceSignIn(device: String? = nil, scope: Scope? = nil) async throws -> DevicePrompt {
        let before = try await sessionBefore()
        let form = formEncoded(
            ["client_id": clientID.description], optional: ["device_name": device, "scope": scope?.description])
        let answer = try await renewal.post("/oauth/device_authorization", form)
        let key = try await prover.newKey()
        guard let prompt = DevicePrompt(answer, device: device, boundTo: key, beside: before, clocks: clocks) else {
            throw answer.error
        }
        return prompt
    }

    /// Waits until the person has confirmed the sign-in, and stores the session.
    ///
    /// The server is asked at the pace that it set; while it cannot be reached, ever more seldom. Cancelling the task ends the
    /// waiting. The store is locked for the writing alone: if somebody else signs in on this device meanwhile, that session stays.
    ///
    /// - Parameter prompt: what ``beginDeviceSignIn(device:scope:)`` of this client gave; each is good for one sign-in.
    /// - Throws: ``SignetClientError``: `signInDeclined`, `signInExpired`, `signInLost`, `signedInMeanwhile`, `store` and the
    ///   others; `CancellationError`.
    public func finishSignIn(_ prompt: DevicePrompt) async throws {
        var pace = PollingPace(interval: prompt.interval)
        var mayHaveBeenAnswered = false
        while true {
            try await clocks.sleep(min(pace.pause, prompt.deadline - clocks.uptime()))
            guard clocks.uptime() < prompt.deadline else { throw SignetClientError.signInExpired }
            switch try await poll(prompt) {
            case .opened(let opened): return try await adopt(opened, beside: prompt.sessionBefore)
            case .pending: pace.wasAnswered()
            case .slowDown: pace.slowDown()
            case .unknown(let pause):
                // A code buys tokens once. If this answer held them, the next one will say that the code is spent.
                mayHaveBeenAnswered = true
                pace.wasNotAnswered(pause: pause)
            case .spent(let error): throw mayHaveBeenAnswered ? SignetClientError.signInLost : error
            case .refused(let error): throw error
            }
        }
    }

    private func poll(_ prompt: DevicePrompt) async throws -> DevicePollAnswer {
        let form = prompt.deviceCode.reveal { code in
            formEncoded([
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": copy code,
                "client_id": clientID.description,
            ])
        }
        do {
            let asked = clocks.moment
            let answer = try await renewal.post("/oauth/token", form, provenBy: prompt.key?.key)
            guard answer.status == 200 else { return DevicePollAnswer(answer, nil) }
            let opened = try await opened(by: answer, asked: asked, device: prompt.deviceName, boundTo: prompt.key)
            return DevicePollAnswer(answer, opened)
        } catch let error as SignetClientError {
            guard case .network = error else { throw error }
            return .unknown(pause: nil)
        }
    }
}

/// What the token endpoint says to a device that asks whether it was confirmed (RFC 8628, section 3.5).
private enum DevicePollAnswer {
    case opened(OpenedSession)
    case pending
    case slowDown
    /// Nobody knows what the server did: ask again, at the earliest after `pause`.
    case unknown(pause: Duration?)
    /// The server knows the code no longer, or never did.
    case spent(SignetClientError)
    case refused(SignetClientError)

    init(_ answer: ServerAnswer, _ opened: OpenedSession?) {
        switch (answer.status, answer.object?["error"]?.string) {
        case (200, _): self = opened.map(Self.opened) ?? .unknown(pause: nil)
        case (400, "authorization_pending"): self = .pending
        case (400, "slow_down"): self = .slowDown
        case (400, "access_denied"): self = .refused(.signInDeclined)
        case (400, "expired_token"): self = .refused(.signInExpired)
        case (400, "invalid_grant"): self = .spent(answer.error)
        case (429, _), (500..., _): self = .unknown(pause: answer.retryAfter)
        case (400..<500, _) where answer.object != nil: self = .refused(answer.error)
        // A captive portal, a proxy: not the server's word.
        default: self = .unknown(pause: nil)
        }
    }
}
