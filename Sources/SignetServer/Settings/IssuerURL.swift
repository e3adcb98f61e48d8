import Foundation

/// A server's name: an https URL without query, fragment and final slash (RFC 8414, section 2), or http on loopback.
package struct IssuerURL: Sendable {
    /// The name, byte for byte as it stands in tokens.
    package let text: String
    /// The path, such as `/t1`; empty when there is none.
    package let path: String
    /// Whether it is reached over TLS.
    package let isSecure: Bool
    /// Whether its host is this machine alone.
    package let isLoopback: Bool

    /// Reads a name; `nil` when it is not one.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.hasSuffix("/"), !text.contains("?"),
            !text.contains("#"),
            let parts = URLComponents(string: text), let scheme = parts.scheme, scheme == "https" || scheme == "http",
            let host = parts.host, !host.isEmpty, parts.user == nil, Self.isPlainPath(parts.percentEncodedPath)
        else { return nil }
        self.text = text
        path = parts.percentEncodedPath
        isSecure = scheme == "https"
        isLoopback = Self.isLoopback(host)
    }

    /// What an operator is told who gave something else.
    static let demand =
        "The issuer must be a URL such as https://id.example.com or https://example.com/id, without a query and without a slash at its end."

    /// Whether a path is whole segments of unreserved characters (RFC 3986, section 2.3): it also stands in routes, where others have meanings.
    private static func isPlainPath(_ path: String) -> Bool {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    default: "-._~".utf8.contains(byte)
                    }
                }
        }
    }

    /// Whether a host is this machine alone.
    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]" || AddressRange("127.0.0.0/8")?.contains(host) == true
    }
}
