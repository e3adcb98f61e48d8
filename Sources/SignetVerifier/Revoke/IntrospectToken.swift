import HTTPTypes
import SignetTokens

/// Asks the server whether a token is still good (RFC 7662), where the feed cannot say.
struct IntrospectToken: Sendable {
    private let url: KeyURL?
    private let credential: ResourceServerCredential?
    private let transport: any Transport

    init(issuer: String, credential: ResourceServerCredential?, transport: any Transport) {
        url = KeyURL(issuer)?.appending("/oauth/introspect")
        self.credential = credential
        self.transport = transport
    }

    /// - Throws: ``RevocationsUnknown`` for any answer but a plain yes or no (section 2.2).
    func callAsFunction(_ token: Secret<String>) async throws(RevocationsUnknown) -> Bool {
        guard let url, let credential else { throw RevocationsUnknown() }
        var request = url.request
        request.method = .post
        request.headerFields[.authorization] = credential.authorization
        request.headerFields[.contentType] = "application/x-www-form-urlencoded"
        let form = token.reveal { Array("token=".utf8) + FormEncoding.encode($0) }

        guard let (response, body) = try? await transport.send(request, body: form), response.status == .ok,
            body.count <= FetchKeySet.bodyLimit, let isActive = (try? JSONValue(parsing: body))?.object?["active"]?.bool
        else { throw RevocationsUnknown() }
        return isActive
    }
}
