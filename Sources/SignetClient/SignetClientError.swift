/// Why a ``SignetClient`` or a ``ConfidentialClient`` could not do what it was asked; each case wants something else of the person
/// or the app.
///
/// Only ``signedOut(reason:)`` and ``notSignedIn`` mean that someone has to sign in again. No case holds a token or a password.
public enum SignetClientError: Error, Hashable, Sendable {
    /// The server has ended the session; sign in again. Thrown once, then the store is empty.
    ///
    /// `reason` is the server's stable word for it, such as `reused`, `revoked_by_user` or `idle_expired` (``SignetTokens/SessionEnd``).
    case signedOut(reason: String?)
    /// The store holds no session.
    case notSignedIn
    /// The store holds a session of another server.
    case signedInElsewhere(server: String)
    /// Someone else has signed in since the call was begun; nothing is sent in their name. The next call is theirs.
    case someoneElseSignedIn
    /// User name and password do not belong together.
    case wrongCredentials
    /// The server does not take the client's id and secret: it was removed there, or its secret is another one by now.
    case wrongClientCredentials
    /// Whoever was to confirm the sign-in, in a browser or on another device, said no.
    case signInDeclined
    /// Nobody confirmed the sign-in in time.
    case signInExpired
    /// The sign-in was confirmed, and the server's one answer with the tokens got lost.
    case signInLost
    /// Another sign-in on this device was finished first; that one stays.
    case signedInMeanwhile
    /// What the browser brought back is not the answer to this sign-in, or not this server's; nothing of it was used.
    case foreignRedirect
    /// No answer came; the tokens are kept.
    case network(TransportError)
    /// The server has too much to do or cannot answer right now (429, 503); the tokens are kept.
    case busy(status: Int, retryAfter: Duration?)
    /// What answered is broken, or is not a Signet server; the tokens are kept.
    case faulty(status: Int)
    /// The server understood and said no, with a code of its own; the tokens are kept.
    case refused(status: Int, code: String)
    /// The server gave tokens that anyone may use, where they were to be bound to this device's key; they were not taken.
    case notBound
    /// The key that the tokens are bound to cannot be found, or does not sign; the tokens are kept.
    case proofKeyUnusable
    /// The tokens cannot be read or written; whatever is there was left as it is.
    case store(TokenStoreError)
    /// The request's origin is not one that the app named, so it gets no token.
    case originNotNamed(String)
    /// The address is neither https nor this machine.
    case insecure(String)
}

extension SignetClientError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .signedOut(let reason?): "The session has ended (\(reason)); sign in again."
        case .signedOut(nil): "The session has ended; sign in again."
        case .notSignedIn: "Nobody is signed in here."
        case .signedInElsewhere(let server): "The stored tokens belong to \(server)."
        case .someoneElseSignedIn: "Someone else has signed in here meanwhile."
        case .wrongCredentials: "User name and password do not belong together."
        case .wrongClientCredentials:
            "The server does not take this client's id and secret; look for the id in `signet client list`, or give the client a new secret with `signet client update ID --new-secret`."
        case .signInDeclined: "The sign-in was declined."
        case .signInExpired: "The sign-in was not confirmed in time; begin again."
        case .signInLost: "The sign-in was confirmed, but the server's answer got lost; sign in again."
        case .signedInMeanwhile: "Somebody else has signed in on this device meanwhile."
        case .foreignRedirect: "What the browser brought back does not belong to this sign-in; begin again."
        case .network(let error): "The server did not answer: \(error)."
        case .busy(let status, let pause?): "The server is busy (\(status)); try again in \(pause.components.seconds) seconds."
        case .busy(let status, nil): "The server is busy (\(status)); try again soon."
        case .faulty(let status): "The answer (\(status)) is not one that a Signet server gives."
        case .refused(let status, let code): "The server refused (\(status) \(code))."
        case .notBound: "The server did not bind the tokens to this device's key, so they were not taken."
        case .proofKeyUnusable: "The key that this device's tokens are bound to cannot be used."
        case .store(let error): "\(error)"
        case .originNotNamed(let origin): "No token is sent to \(origin): it is not an origin that was named."
        case .insecure(let address): "No token is sent to \(address): it is neither https nor this machine."
        }
    }
}

extension SignetClientError {
    /// Whether it says that there is no session to go on with.
    var endsSession: Bool {
        switch self {
        case .signedOut, .notSignedIn, .signedInElsewhere: true
        default: false
        }
    }

    /// The error of a transport, without whatever it may hold of the request.
    static func noAnswer(_ error: any Error) -> SignetClientError {
        .network(error as? TransportError ?? TransportError("the connection failed"))
    }
}
