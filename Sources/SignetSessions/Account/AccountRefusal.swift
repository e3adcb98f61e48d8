/// Why an account cannot be changed as asked.
package enum AccountRefusal: Refusal, Equatable {
    case nameTaken, unknownUser

    package var code: RefusalCode {
        switch self {
        case .nameTaken: .conflict
        case .unknownUser: .notFound
        }
    }

    package var sentence: String {
        switch self {
        case .nameTaken: "This name is taken; choose another one."
        case .unknownUser: "There is no user of this name; `signet user list` shows them."
        }
    }

    package var reason: String {
        switch self {
        case .nameTaken: "name_taken"
        case .unknownUser: "unknown_user"
        }
    }
}
