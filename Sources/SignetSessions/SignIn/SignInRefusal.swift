/// Why a person is not signed in.
package enum SignInRefusal: Refusal, Equatable {
    /// Unknown user, wrong password, disabled user: one answer for all, so that nobody learns which names exist.
    case wrongCredentials
    /// The user's hash is no longer the one that the password was verified against.
    case passwordHashChanged
    /// The client does not exist.
    case unknownClient
    /// The client has a secret, and has not proved who it is.
    case clientAuthentication
    /// The client may not sign people in by password.
    case clientMayNot
    case scope
    case resource
    /// The user has as many sessions with this client as its limit allows, and the limit is one that refuses.
    case tooManySessions(Int)

    package var code: RefusalCode {
        switch self {
        case .wrongCredentials, .passwordHashChanged: .wrongCredentials
        case .unknownClient, .clientAuthentication: .invalidClient
        case .clientMayNot: .unauthorizedClient
        case .scope: .invalidScope
        case .resource: .invalidTarget
        case .tooManySessions: .tooManySessions
        }
    }

    package var sentence: String {
        switch self {
        case .wrongCredentials, .passwordHashChanged: "The name or the password is wrong."
        case .unknownClient: "There is no client of this id; check the client_id that your app was registered with."
        case .clientAuthentication: ClientAuthenticationFailed.sentence
        case .clientMayNot:
            "This client may not sign people in by password; register it with --first-party, or use the code flow."
        case .scope: "The client is not registered for this scope."
        case .resource: "The client is not registered for this resource."
        case .tooManySessions(let count):
            "You are signed in on as many devices as this app allows (\(count)); sign out on one of them, then try again."
        }
    }

    package var reason: String {
        switch self {
        case .wrongCredentials, .passwordHashChanged: "wrong_credentials"
        case .unknownClient: "unknown_client"
        case .clientAuthentication: ClientAuthenticationFailed.reason
        case .clientMayNot: "unauthorized_client"
        case .scope: "scope"
        case .resource: "resource"
        case .tooManySessions: "too_many_sessions"
        }
    }

    package var tellsReason: Bool { self != .clientAuthentication }
}
