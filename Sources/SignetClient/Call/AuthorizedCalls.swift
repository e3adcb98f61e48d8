package import Foundation
package import HTTPTypes
import SignetTokens

/// A client whose calls carry an access token: ``SignetClient`` calls as a person, ``ConfidentialClient`` as itself.
public protocol AuthorizedClient: Sendable {
    /// How the client makes its calls.
    var calls: AuthorizedCalls { get }
}

/// Makes the calls of an ``AuthorizedClient``: the access token goes with each, to origins that were named, and another one is
/// tried once when it is refused.
public struct AuthorizedCalls: Sendable {
    /// What goes with one attempt.
    struct Credential: Sendable {
        let accessToken: Secret<String>
        /// Whose token it is; `nil` when it is the client's own.
        var session: StoredSession?

        var scheme: TokenScheme { session?.scheme ?? .bearer }
    }

    package let transport: any Transport
    let origins: Set<Origin>
    /// A credential that can be used now, and is another one than the one that was refused, got within the limit.
    let credential: @Sendable (_ rejected: Credential?, _ limit: Duration) async throws -> Credential
    /// Makes the proofs for tokens that are bound to a key.
    let proofs: CallProofs?

    init(
        transport: any Transport, origins: Set<Origin>, proofs: CallProofs? = nil,
        credential: @escaping @Sendable (_ rejected: Credential?, _ limit: Duration) async throws -> Credential
    ) {
        self.transport = transport
        self.origins = origins
        self.proofs = proofs
        self.credential = credential
    }

    /// A request to a URL that the access token may go to.
    /// - Throws: ``SignetClientError``: `originNotNamed`, `insecure`.
    package func request(
        _ method: HTTPRequest.Method?, to url: URL?, _ fields: HTTPFields
    ) throws(SignetClientError) -> HTTPRequest {
        guard let url, let origin = Origin(url), origins.contains(origin), let method else {
            throw .originNotNamed(url.flatMap(Origin.init)?.description ?? "this address")
        }
        guard origin.isConfidential else { throw .insecure(origin.description) }
        return HTTPRequest(
            method: method, scheme: origin.scheme, authority: origin.authority, path: url.requestTarget, headerFields: fields)
    }

    /// One call with the access token, sent once more with another one if the token is refused.
    ///
    /// - Parameters:
    ///   - isRepeatable: whether the body can be sent again.
    ///   - limit: how long to wait for an access token, now.
    ///   - send: makes one attempt, with or without the body.
    /// - Returns: the answer, and where it came from after redirects.
    package func call<Body>(
        _ request: HTTPRequest, isRepeatable: Bool, within limit: () -> Duration,
        send: (_ request: HTTPRequest, _ keepsBody: Bool) async throws -> (HTTPResponse, Body)
    ) async throws -> (HTTPResponse, Body, URL?) {
        let first = try await credential(nil, limit())
        let answer = try await attempt(request, first, isRepeatable: isRepeatable, send)
        guard rejectsAccessToken(answer.0, first.scheme) else { return answer }

        let second = try await credential(first, limit())
        return isRepeatable ? try await attempt(request, second, isRepeatable: true, send) : answer
    }

    private func attempt<Body>(
        _ request: HTTPRequest, _ credential: Credential, isRepeatable: Bool,
        _ send: (HTTPRequest, Bool) async throws -> (HTTPResponse, Body)
    ) async throws -> (HTTPResponse, Body, URL?) {
        var next = Redirection(request: request)
        for _ in 0..<5 {
            var outgoing = next.request
            outgoing.headerFields[.authorization] = credential.accessToken.reveal { "\(credential.scheme.rawValue) \($0)" }
            let mayGoTwice = isRepeatable || !next.keepsBody
            let (response, body) = try await proven(outgoing, credential, isRepeatable: mayGoTwice) { request in
                try await answered { try await send(request, next.keepsBody) }
            }
            guard let further = next.followed(to: response), isRepeatable || !further.keepsBody else {
                return (response, body, next.url)
            }
            next = further
        }
        throw SignetClientError.network(TransportError("too many redirects"))
    }

    /// One request with a proof, when its access token is bound to a key.
    private func proven<Body>(
        _ request: HTTPRequest, _ credential: Credential, isRepeatable: Bool,
        _ send: (HTTPRequest) async throws -> (HTTPResponse, Body)
    ) async throws -> (HTTPResponse, Body) {
        guard let proofs, let session = credential.session else { return try await send(request) }
        return try await proofs.send(request, of: session, isRepeatable: isRepeatable, send)
    }
}

extension AuthorizedCalls {
    /// One call through the transport; the answer as it arrives.
    func call(_ call: OutgoingCall) async throws -> (HTTPResponse, ResponseBody, URL?) {
        try await self.call(call.request, isRepeatable: call.isRepeatable, within: { call.timeout }) { request, keepsBody in
            try await transport.open(request, body: keepsBody ? call.body : .empty, timeout: call.timeout)
        }
    }
}

/// Runs a step of an exchange, so that what breaks it is one of the client's own errors.
/// - Throws: ``SignetClientError/network(_:)``; `CancellationError`.
func answered<Value>(_ step: () async throws -> Value) async throws -> Value {
    do {
        return try await step()
    } catch let error as CancellationError {
        throw error
    } catch {
        throw SignetClientError.noAnswer(error)
    }
}
