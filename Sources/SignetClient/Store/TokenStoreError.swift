/// The stored tokens cannot be read or written. It never means that nobody is signed in.
public struct TokenStoreError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Problem: String, Hashable, Sendable {
        /// It is there, and cannot be read: permissions, a locked keychain, a failing disk.
        case unreadable
        /// It can be read, and is not what was written.
        case damaged
        /// It cannot be written.
        case unwritable
        /// Another process has held the lock for too long.
        case locked
    }

    /// What is wrong.
    public let problem: Problem
    /// Which store: a path or a name.
    public let place: String
    /// The system's words, when it has any.
    public let detail: String?

    /// An error at a place.
    public init(_ problem: Problem, at place: String, detail: String? = nil) {
        self.problem = problem
        self.place = place
        self.detail = detail
    }
}

extension TokenStoreError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        let cause = detail.map { ": \($0)" } ?? ""
        return switch problem {
        case .unreadable: "The stored tokens in \(place) cannot be read\(cause)."
        case .damaged: "The stored tokens in \(place) are damaged\(cause); they were left as they are."
        case .unwritable: "The tokens cannot be written to \(place)\(cause)."
        case .locked: "Another process is keeping the tokens in \(place) locked\(cause)."
        }
    }
}
