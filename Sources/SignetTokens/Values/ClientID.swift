/// An OAuth client's `client_id` (RFC 6749, section 2.2): 1 to 128 visible ASCII characters, and never shaped like a user's id.
public struct ClientID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it stands in requests and in the claim `client_id`.
    public let description: String

    /// Reads an id; `nil` when it is empty, too long, has other than visible ASCII characters, or is a UUID: `sub` is a user's id
    /// or a client's, and the two must not be confused (RFC 9700, section 4.15).
    public init?(_ text: String) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        guard UserID(text) == nil else { return nil }
        description = text
    }

    private init(builtIn text: String) {
        description = text
    }

    /// Password sign-in without naming a client.
    public static let signet = ClientID(builtIn: "signet")
    /// The command-line tool's end client.
    public static let signetCLI = ClientID(builtIn: "signet-cli")
    /// The browser's cookie session.
    public static let signetBrowser = ClientID(builtIn: "signet-browser")
}
