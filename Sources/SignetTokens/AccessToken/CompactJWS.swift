/// A JSON Web Signature in compact form (RFC 7515, section 7.1), read and written on bytes, with exactly one accepted spelling.
public struct CompactJWS: Sendable {
    /// The longest token that is looked at, in bytes.
    public static let maximumLength = 8192

    /// The protected header.
    public let header: JSONObject
    /// The algorithm that the header names.
    public let algorithm: SignatureAlgorithm
    /// The payload's octets.
    public let payload: [UInt8]

    private let signingInput: [UInt8]
    private let signature: [UInt8]

    /// Reads the form and the header; nothing is verified yet.
    /// - Throws: ``TokenError``, `malformed`, `unsupportedAlgorithm` or `criticalHeader`.
    public init(parsing text: some Collection<UInt8>) throws(TokenError) {
        guard text.count <= Self.maximumLength else { throw .malformed }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { throw .malformed }
        guard let headerBytes = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), let header = (try? JSONValue(parsing: headerBytes))?.object
        else { throw .malformed }

        guard header["crit"] == nil, header["b64"] == nil, header["zip"] == nil else { throw .criticalHeader }
        // A nested or encrypted token is not unwrapped.
        guard header["cty"] == nil, header["enc"] == nil else { throw .malformed }
        guard let algorithm = header["alg"]?.string.flatMap(SignatureAlgorithm.init(header:)) else { throw .unsupportedAlgorithm }
        if let keyID = header["kid"], keyID.string == nil { throw .malformed }

        self.header = header
        self.algorithm = algorithm
        self.payload = payload
        self.signature = signature
        signingInput = Array(text.prefix(parts[0].count + 1 + parts[1].count))
    }

    /// The key that verifies it.
    ///
    /// The `kid` is looked up in `keys` and nowhere else: `jku`, `x5u`, `x5c` and `jwk` in a header are never followed (RFC 8725, section 3.10).
    /// - Throws: ``TokenError``, `unknownKey`, `keyMismatch` or `badSignature`.
    @discardableResult
    public func verify(with keys: KeySet) throws(TokenError) -> PublicKey {
        guard let key = keys.key(named: header["kid"]?.string, algorithm: algorithm) else { throw .unknownKey }
        guard key.algorithm == algorithm else { throw .keyMismatch }
        guard key.verifies(signature, over: signingInput) else { throw .badSignature }
        return key
    }

    /// Whether the header's `typ` names this media type, with or without `application/` and in any case (RFC 7515, section 4.1.9).
    public func isOfType(_ type: String) -> Bool {
        guard let named = header["typ"]?.string?.lowercased() else { return false }
        return named.hasSameBytes(as: type) || named.hasSameBytes(as: "application/" + type)
    }

    /// Writes and signs a token.
    /// - Parameter type: the header's `typ`, such as `at+jwt`.
    /// - Throws: what the cryptographic library throws.
    public static func sign(_ claims: JSONObject, type: String, with key: SigningKey) throws -> Secret<String> {
        let header: JSONValue = [
            "alg": .string(key.publicKey.algorithm.rawValue), "typ": .string(type), "kid": .string(key.publicKey.keyID),
        ]
        let input = Base64URL.encode(header.bytes) + [UInt8(ascii: ".")] + Base64URL.encode(JSONValue.object(claims).bytes)
        let signature = try key.signature(over: input)
        return Secret(String(decoding: input + [UInt8(ascii: ".")] + Base64URL.encode(signature), as: UTF8.self))
    }
}
