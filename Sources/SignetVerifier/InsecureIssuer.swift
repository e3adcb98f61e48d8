/// The settings of a verifier name a place from which nobody's keys may be taken on trust (VER-13).
public struct InsecureIssuer: Error, Hashable, Sendable, CustomStringConvertible {
    /// The issuer or the JWKS URL.
    public let url: String

    /// One sentence for whoever starts the API.
    public var description: String {
        "Keys cannot be fetched from \(url): it must be an https URL without query, user name and fragment, or http on this machine."
    }
}
