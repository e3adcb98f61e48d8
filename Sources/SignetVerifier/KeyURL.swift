import Foundation
import HTTPTypes

/// A URL from which keys may be fetched: `https`, or `http` where the host is this very machine (VER-13).
struct KeyURL: Hashable, Sendable {
    private let scheme: String
    private let authority: String
    private let path: String
    private let query: String?

    /// Reads a URL; `nil` when keys from there could be anybody's: another scheme, `http` to another machine, user names, a fragment.
    init?(_ text: String) {
        guard let url = URLComponents(string: text, encodingInvalidCharacters: false), let scheme = url.scheme?.lowercased(),
            let host = url.encodedHost?.lowercased(), !host.isEmpty, url.user == nil, url.password == nil, url.fragment == nil
        else { return nil }
        guard scheme == "https" || (scheme == "http" && Self.isLoopback(host)) else { return nil }

        self.scheme = scheme
        authority = url.port.map { "\(host):\($0)" } ?? host
        path = url.percentEncodedPath
        query = url.percentEncodedQuery
    }

    private init(scheme: String, authority: String, path: String) {
        self.scheme = scheme
        self.authority = authority
        self.path = path
        query = nil
    }

    /// Whether it is `http`, so that its host is this machine.
    var isPlain: Bool { scheme == "http" }

    /// Where an issuer keeps its metadata: the well-known path is inserted before the issuer's own (RFC 8414, section 3.1).
    /// `nil` for an issuer with a query, which no issuer has.
    var metadata: KeyURL? {
        guard query == nil else { return nil }
        let own = path.hasSuffix("/") ? String(path.dropLast()) : path
        return KeyURL(scheme: scheme, authority: authority, path: "/.well-known/oauth-authorization-server" + own)
    }

    /// One of an issuer's own paths, such as `/v1/revocations`; `nil` for an issuer with a query, which no issuer has.
    func appending(_ ending: String) -> KeyURL? {
        guard query == nil else { return nil }
        return KeyURL(scheme: scheme, authority: authority, path: (path.hasSuffix("/") ? String(path.dropLast()) : path) + ending)
    }

    /// The request for the JSON document there.
    var request: HTTPRequest {
        let target = (path.isEmpty ? "/" : path) + (query.map { "?" + $0 } ?? "")
        return HTTPRequest(
            method: .get, scheme: scheme, authority: authority, path: target, headerFields: [.accept: "application/json"])
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets.allSatisfy { UInt8($0) != nil } && octets.first == "127"
    }
}
