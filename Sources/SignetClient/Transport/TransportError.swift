/// No whole answer came: the name was not found, the connection was refused or cut, the time was up, TLS failed.
public struct TransportError: Error, Hashable, CustomStringConvertible, Sendable {
    /// What happened, in a few words; no part of the request or the answer.
    public let description: String

    /// An error that says what happened in a few words.
    public init(_ description: String) {
        self.description = description
    }

    package static let timedOut = TransportError("no answer in time")
    package static let unreadableFile = TransportError("the file to send cannot be read")
}
