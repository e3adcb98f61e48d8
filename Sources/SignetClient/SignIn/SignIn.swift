import Foundation
import HTTPTypes
public import SignetTokens

extension SignetClient {
    /// Signs a person in on this device and stores the session: `POST /v1/sessions`.
    ///
    /// If the store still holds a session of this server, that one is replaced, so that a device has one session however often
    /// its owner signs in. The store is read before the password leaves, so a store that cannot be read is found out first.
    ///
    /// - Parameter device: what the person calls this device, for the list of their devices.
    /// - Throws: ``SignetClientError``: `wrongCredentials`, `store`, `network` and the others; `CancellationError`.
    public func signIn(username: String, password: Secret<String>, device: String? = nil) async throws {
        let lock = try await renewal.lock()
        defer { lock.release() }
        let replaced = try await renewal.replaceableSession()

        var object = JSONObject()
        object["username"] = .string(username)
        object["password"] = password.reveal { .string($0) }
        object["client_id"] = .string(clientID.description)
        object["device_name"] = device.map(JSONValue.string)
        object["refresh_token"] = replaced?.refreshToken.reveal { .string($0) }

        let key = try await prover.newKey()
        let asked = clocks.moment
        let answer = try await answer(.post, "/v1/sessions", json: .object(object), provenBy: key?.key)
        guard answer.status == 201 else { throw Self.refusal(answer) }
        guard let opened = try await opened(by: answer, asked: asked, device: device, boundTo: key) else {
            throw SignetClientError.faulty(status: 201)
        }
        do {
            try await renewal.begin(opened)
        } catch {
            await discard(opened.session)
            throw error
        }
    }

    /// Signs a person in with a password that is at hand as plain text.
    public func signIn(username: String, password: String, device: String? = nil) async throws {
        try await signIn(username: username, password: Secret(password), device: device)
    }

    /// A 401 without our JSON is not the server's word on the password.
    private static func refusal(_ answer: ServerAnswer) -> SignetClientError {
        guard answer.status == 401, let object = answer.object else { return answer.error }
        return object["mfa_token"] == nil ? .wrongCredentials : .refused(status: 401, code: "mfa_required")
    }
}

extension SignetClient {
    /// One request with JSON to the server itself, without a token.
    private func answer(
        _ method: HTTPRequest.Method, _ path: String, json: JSONValue, provenBy key: (any ProofKey)?
    ) async throws -> ServerAnswer {
        let request = try server.request(method, path, [.contentType: "application/json", .accept: "application/json"])
        // Longer than for a renewal: the server hashes the password, and may have others waiting for that.
        return try await renewal.send(request, Data(json.bytes), within: .seconds(30), provenBy: key)
    }
}
