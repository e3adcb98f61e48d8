/// Why the list of clients cannot be changed as asked.
package enum ClientRefusal: Refusal, Equatable {
    case idTaken, unknownClient, builtIn

    package var code: RefusalCode {
        switch self {
        case .idTaken, .builtIn: .conflict
        case .unknownClient: .notFound
        }
    }

    package var sentence: String {
        switch self {
        case .idTaken: "This client id is taken, or was once; choose another name."
        case .unknownClient: "There is no client of this id; `signet client list` shows them."
        case .builtIn: "Signet's built-in clients cannot be removed."
        }
    }

    package var reason: String {
        switch self {
        case .idTaken: "id_taken"
        case .unknownClient: "unknown_client"
        case .builtIn: "built_in"
        }
    }
}
