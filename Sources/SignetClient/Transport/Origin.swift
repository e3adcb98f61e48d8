import Foundation

/// Scheme, host and port of a URL: what decides whether a token may go there (RFC 6454, section 4).
struct Origin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int

    /// `nil` for anything but an http or https URL with a host, and for one with a user name before the host, which only deceives.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = url.host(percentEncoded: false)?.lowercased(), !host.isEmpty,
            url.user(percentEncoded: false) == nil, url.password(percentEncoded: false) == nil
        else {
            return nil
        }
        self.scheme = scheme
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// Whether nobody on the way can read along: https, or this machine itself.
    var isConfidential: Bool { scheme == "https" || isLoopback }

    /// Host and port as they stand in a URL.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? name : "\(name):\(port)"
    }

    private var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        // Written out as four numbers; anything else, `127.0.0.1.example.com` or `127.0.0.+1`, is a name to look up like any other.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127"
            && parts.allSatisfy { part in UInt8(part).map { "\($0)" == part } == true }
    }
}

extension Origin: CustomStringConvertible {
    var description: String { "\(scheme)://\(authority)" }
}
