import Foundation
import SignetTokens

extension SignetClient {
    /// Ends this device's session at the server, then empties the store: `POST /oauth/revoke` (RFC 7009).
    ///
    /// When the server cannot be told (the device is offline, the server is down) the error is thrown and the tokens stay, so
    /// that it can be tried again: emptying the store alone would leave a living session behind that nobody can end from here.
    /// An app whose user wants to be signed out at once calls ``forget()`` then.
    ///
    /// Without a session it does nothing.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func signOut() async throws {
        let lock = try await renewal.lock()
        defer { lock.release() }
        do {
            let answer = try await renewal.revoke(try await renewal.load())
            // 400 with our JSON: the server knows this token no longer, or not as ours; there is nothing left to end.
            guard answer.status == 200 || (answer.status == 400 && answer.object?["error"]?.string == "invalid_grant") else {
                throw answer.error
            }
        } catch SignetClientError.notSignedIn {
            return
        }
        try await renewal.clear()
    }

    /// Empties the store without telling the server. The session lives on there until its idle lifetime has passed, or until its
    /// owner ends it from another device.
    /// - Throws: ``SignetClientError/store(_:)``; a store that cannot be read is left as it is; `CancellationError`.
    public func forget() async throws {
        let lock = try await renewal.lock()
        defer { lock.release() }
        try await renewal.clear()
    }
}

extension Renewal {
    /// Gives a session's refresh token back.
    func revoke(_ session: StoredSession) async throws -> ServerAnswer {
        try await post(
            "/oauth/revoke",
            session.refreshToken.reveal { token in
                formEncoded([
                    "token": copy token, "token_type_hint": "refresh_token", "client_id": session.clientID.description,
                ])
            })
    }

    /// The session that a sign-in on this device takes the place of; one of another server is none of this server's business.
    func replaceableSession() async throws(SignetClientError) -> StoredSession? {
        do {
            return try await load()
        } catch .signedInElsewhere {
            return nil
        } catch .notSignedIn {
            let leftover = try await leftover()
            return leftover?.server == server.name ? leftover : nil
        }
    }

    private func leftover() async throws(SignetClientError) -> StoredSession? {
        do {
            return try await store.leftover()
        } catch {
            throw .store(error)
        }
    }
}
