import Foundation
public import SignetTokens

extension SignetClient {
    /// Signs a person in by the system's browser and stores the session (RFC 8252): authorization code with PKCE.
    ///
    ///     let browser = try LoopbackBrowser { url in try open(url) }
    ///     try await client.signIn(with: browser, device: "Ada's laptop")
    ///
    /// The code is sent to the token endpoint once, for a server revokes what was bought with a code that comes twice (RFC 6749,
    /// section 4.1.2). When the answer to that gets lost the error says so and nobody is signed in: begin again. A session that
    /// the server may have opened by then ends by its idle lifetime. The store is locked for the writing alone.
    ///
    /// - Parameters:
    ///   - device: what the person calls this device, for the list of their devices.
    ///   - scope: what the tokens shall be good for; without it, what the client is registered for. With `openid` the id token
    ///     that comes along is checked.
    /// - Throws: ``SignetClientError``: `signInDeclined`, `signInExpired`, `foreignRedirect`, `signedInMeanwhile`, `store`,
    ///   `network` and the others; what the browser throws; `CancellationError`.
    public func signIn(with browser: some SignInBrowser, device: String? = nil, scope: Scope? = nil) async throws {
        let before = try await sessionBefore()
        let key = try await prover.newKey()
        let request = try AuthorizationRequest(
            to: server, clientID: clientID, redirectURL: browser.redirectURL, scope: scope, boundTo: key?.key.publicKey,
            randomBytes: renewal.randomBytes)
        let code = try request.code(in: await browser.answer(to: request))
        let opened = try await exchange(code, of: request, device: device, boundTo: key)
        try await adopt(opened, beside: before)
    }

    private func exchange(
        _ code: Secret<String>, of request: AuthorizationRequest, device: String?, boundTo key: BoundKey?
    ) async throws -> OpenedSession {
        try Task.checkCancellation()
        let code = code.reveal { copy $0 }
        let verifier = request.verifier.text.reveal { copy $0 }
        let form = formEncoded(
            [
                "grant_type": "authorization_code", "code": code, "redirect_uri": request.redirectURL.absoluteString,
                "client_id": clientID.description, "code_verifier": verifier,
            ], optional: ["device_name": device])
        let asked = clocks.moment
        let answer = try await renewal.post("/oauth/token", form, provenBy: key?.key)
        guard answer.status == 200 else { throw answer.error }
        guard let opened = try await opened(by: answer, asked: asked, device: device, boundTo: key) else {
            throw SignetClientError.faulty(status: 200)
        }

        if let nonce = request.nonce {
            let now = answer.date ?? clocks.now()
            guard IDToken(answer)?.isFor(clientID, nonce: nonce, from: server.name, at: now) == true else {
                await discard(opened.session)
                throw SignetClientError.foreignRedirect
            }
        }
        return opened
    }
}
