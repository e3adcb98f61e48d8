/// Why the list of clients cannot be changed as asked.
package enum ClientRefusal: Refusal, Equatable {
    case idTaken, unknownClient, builtIn
    /// Of a built-in client only the policy can change.
    case builtInIdentity
    /// A public client has no secrets.
    case publicClient
    /// Two secrets are live already.
    case twoSecrets
    /// There is no older secret to drop.
    case oneSecret

    package var code: RefusalCode {
        switch self {
        case .idTaken, .builtIn, .builtInIdentity, .publicClient, .twoSecrets, .oneSecret: .conflict
        case .unknownClient: .notFound
        }
    }

    package var sentence: String {
        switch self {
        case .idTaken: "This client id is taken, or was once; choose another name."
        case .unknownClient: "There is no client of this id; `signet client list` shows them."
        case .builtIn: "Signet's built-in clients cannot be removed."
        case .builtInIdentity:
            "Of Signet's built-in clients only the lifetimes, the window and the sessions per user can be changed."
        case .publicClient: "This client is public, so it has no secret; register another one with --confidential."
        case .twoSecrets: "This client has two secrets already; drop the older one with --drop-old-secret first."
        case .oneSecret: "This client has no older secret; make a new one with --new-secret first."
        }
    }

    package var reason: String {
        switch self {
        case .idTaken: "id_taken"
        case .unknownClient: "unknown_client"
        case .builtIn, .builtInIdentity: "built_in"
        case .publicClient: "public_client"
        case .twoSecrets: "two_secrets"
        case .oneSecret: "one_secret"
        }
    }
}
