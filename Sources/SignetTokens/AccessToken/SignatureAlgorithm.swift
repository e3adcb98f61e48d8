/// The signature algorithms that Signet accepts (RFC 7518, section 3; RFC 8037; RFC 9864), and no others.
public enum SignatureAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// ECDSA on P-256 with SHA-256: the default.
    case es256 = "ES256"
    /// Ed25519, under the name that today's libraries know.
    case edDSA = "EdDSA"
    /// RSASSA-PKCS1-v1_5 with SHA-256, which RFC 9068 and OIDC demand.
    case rs256 = "RS256"

    /// The algorithm that a header names, exactly and with case; `Ed25519` is RFC 9864's name for ``edDSA``.
    public init?(header name: String) {
        guard let algorithm = Self(rawValue: name == "Ed25519" ? "EdDSA" : name) else { return nil }
        self = algorithm
    }
}
