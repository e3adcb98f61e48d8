public import Foundation

/// What goes with a request. All of it can be sent again, for a request whose access token was refused is repeated.
public enum RequestBody: Sendable {
    /// Nothing.
    case empty
    /// These bytes.
    case data(Data)
    /// What stands in the file at this URL, read while it is sent.
    case file(URL)

    /// Whether it is nothing.
    public var isEmpty: Bool {
        if case .empty = self { true } else { false }
    }

    /// The bytes, for a transport that sends them in one piece; `nil` when there are none.
    /// - Throws: ``TransportError`` when the file cannot be read.
    public func data() throws(TransportError) -> Data? {
        switch self {
        case .empty: return nil
        case .data(let data): return data
        case .file(let url):
            guard let data = try? Data(contentsOf: url) else { throw .unreadableFile }
            return data
        }
    }
}
