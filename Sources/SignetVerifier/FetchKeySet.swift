import HTTPTypes
import SignetTokens

/// Fetches the issuer's keys (RFC 7517), from where its metadata says that they are (RFC 8414) or from a URL that was given.
struct FetchKeySet: Sendable {
    /// The longest document that is read, in bytes.
    static let bodyLimit = 1 << 20
    /// How long keys are used without asking again, when the server does not say.
    static let defaultLifetime: Duration = .seconds(300)
    /// What the server may say: no shorter, or every request would ask; no longer, or a retired key would live on.
    static let lifetimes: ClosedRange<Duration> = .seconds(30) ... .seconds(3600)

    private enum Start {
        case metadata(KeyURL)
        case keySet(KeyURL)
    }

    private let issuer: String
    private let jwksURL: String?
    private let start: Start?
    private let transport: any Transport

    init(issuer: String, jwksURL: String?, transport: any Transport) {
        self.issuer = issuer
        self.jwksURL = jwksURL
        self.transport = transport
        if let jwksURL {
            start = KeyURL(jwksURL).map(Start.keySet)
        } else {
            start = KeyURL(issuer)?.metadata.map(Start.metadata)
        }
    }

    /// - Throws: ``InsecureIssuer`` when no keys will ever be had with these settings.
    func checkSettings() throws(InsecureIssuer) {
        guard start != nil else { throw InsecureIssuer(url: jwksURL ?? issuer) }
    }

    /// - Throws: ``KeySetFault``, or what the transport throws.
    func callAsFunction() async throws -> FetchedKeySet {
        guard let start else { throw KeySetFault.insecureURL }
        let url =
            switch start {
            case .keySet(let url): url
            case .metadata(let url): try await keySetURL(from: url)
            }

        let (response, body) = try await document(at: url)
        // An empty set would refuse everybody; it is more likely somebody's mistake than a wish.
        guard let keySet = KeySet(parsing: body), !keySet.keys.isEmpty else { throw KeySetFault.noUsableKey }
        return FetchedKeySet(keySet: keySet, lifetime: Self.lifetime(in: response))
    }

    private func keySetURL(from metadata: KeyURL) async throws -> KeyURL {
        let (_, body) = try await document(at: metadata)
        guard let members = (try? JSONValue(parsing: body))?.object else { throw KeySetFault.unreadable }
        // Before anything else of the document is looked at: whoever may answer here may not speak for another issuer (MET-7).
        guard let named = members["issuer"]?.string, named.hasSameBytes(as: issuer) else { throw KeySetFault.wrongIssuer }
        guard let url = members["jwks_uri"]?.string.flatMap(KeyURL.init), metadata.isPlain || !url.isPlain else {
            throw KeySetFault.insecureURL
        }
        return url
    }

    private func document(at url: KeyURL) async throws -> (HTTPResponse, [UInt8]) {
        let (response, body) = try await transport.send(url.request)
        // A redirect is an answer like any other that is not 200: keys come from the place that was named.
        guard response.status == .ok else { throw KeySetFault.refused(status: response.status.code) }
        guard body.count <= Self.bodyLimit else { throw KeySetFault.tooLong }
        return (response, body)
    }

    private static func lifetime(in response: HTTPResponse) -> Duration {
        let directives = response.headerFields[values: .cacheControl].flatMap { $0.split(separator: ",") }
        for directive in directives {
            let parts = directive.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, parts[0].lowercased() == "max-age", let seconds = Int64(parts[1]) else { continue }
            return min(max(.seconds(seconds), lifetimes.lowerBound), lifetimes.upperBound)
        }
        return defaultLifetime
    }
}

/// A key set, and for how long the server lets it be used without asking again.
struct FetchedKeySet: Sendable {
    let keySet: KeySet
    let lifetime: Duration
}

/// Why what was fetched is not used; the keys that are held stay in use.
enum KeySetFault: Error, Hashable, Sendable {
    /// Not `https`, and not on this machine either; or the metadata names no key set.
    case insecureURL
    /// Any status but 200, redirects included.
    case refused(status: Int)
    /// More than ``FetchKeySet/bodyLimit``.
    case tooLong
    /// No JSON object.
    case unreadable
    /// The metadata is not the configured issuer's.
    case wrongIssuer
    /// No key set, or none of its keys can verify a signature.
    case noUsableKey

    /// The constant name under which it is logged.
    var reason: String {
        switch self {
        case .refused: "refused"
        case .insecureURL, .tooLong, .unreadable, .wrongIssuer, .noUsableKey: "\(self)"
        }
    }
}
